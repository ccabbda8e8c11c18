"""The outcomes of a law as a reader of replies needs them: found by text, number or folded words.

`Listed` holds every outcome of a law small enough to list; `Unlisted` asks a larger law (a deck of
52, a password) whether it knows a text. Both answer the same questions, for which see `Vocabulary`.
"""

import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

from evenodds.distributions import Law
from evenodds.errors import TooLargeError
from evenodds.tasks.numerals import number, plain, standing_numbers

__all__ = ["LIST_LIMIT", "Listed", "Unlisted", "Vocabulary", "vocabulary"]

LIST_LIMIT = 20_000
"""Laws with at most so many outcomes are listed."""

_NUMERAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_ZERO_LED = re.compile(r"-?0\d+")
_WORD = re.compile(r"-?\d+(?:\.\d+)?|[^\W_]+(?:['’-][^\W_]+)*")
_SEPARATOR = re.compile(r"\s*(?:[,;|/\n]|(?<!\w)and(?!\w)|->|→)\s*|\s+")
_JOINS = (", ", " ", "", "-", ",", "; ", "\n", " | ", " and ")


class Vocabulary(Protocol):
    """What a reader asks about the outcomes of a law."""

    numeric: bool
    """True when every outcome is a number, so that any other number is off the support."""
    longest: int
    """Words in the longest outcome."""

    def exact(self, text: str) -> list[Any]:
        """The outcome whose text this is, as a list of none or one."""
        ...

    def find(self, text: str) -> list[Any]:
        """The distinct outcomes that the whole text may mean, read tolerantly."""
        ...

    def standing(self, text: str) -> list[Any]:
        """The distinct outcomes that stand in a piece of prose."""
        ...


_recent: dict[int, tuple[Law, Vocabulary]] = {}


def vocabulary(law: Law) -> Vocabulary:
    """The vocabulary of a law, listed where the law is small enough.

    That of the last few laws is kept, by identity: equal laws may write their outcomes differently.
    """
    if id(law) not in _recent:
        while len(_recent) >= 32:
            del _recent[next(iter(_recent))]
        _recent[id(law)] = law, _vocabulary(law)
    return _recent[id(law)][1]


def _vocabulary(law: Law) -> Vocabulary:
    try:
        return Listed(law) if law.support_size <= LIST_LIMIT else Unlisted(law)
    except TooLargeError:
        return Unlisted(law)


def fold(text: str) -> str:
    """The words of a text without case, punctuation or separators.

    >>> fold("Ace of  SPADES."), fold("[3, 5,1]")
    ('ace of spades', '3 5 1')
    """
    return " ".join(m.group().casefold() for m in _WORD.finditer(plain(text)))


class Listed:
    """Every outcome, by its text, by its number where it is one, and by its folded words.

    A number or a folded text that two outcomes share means neither: only the exact text does.
    """

    def __init__(self, law: Law) -> None:
        outcomes = list(law.pmf(LIST_LIMIT))
        texts = [str(outcome) for outcome in outcomes]
        names = any(_ZERO_LED.fullmatch(text) for text in texts)  # "042" is a name, not a number
        numerals = [None if names else _decimal(text) for text in texts]
        self.numeric = all(value is not None for value in numerals)
        self.longest = max(len(text.split()) for text in texts)
        self._texts = dict(zip(texts, outcomes, strict=True))
        self._numbers = _unshared(zip(numerals, outcomes, strict=True))
        self._folded = _unshared((fold(t), o) for t, o in zip(texts, outcomes, strict=True))
        self._span = max((len(key.split()) for key in self._folded), default=0)

    def exact(self, text: str) -> list[Any]:
        """The outcome whose text this is."""
        return [self._texts[text]] if text in self._texts else []

    def find(self, text: str) -> list[Any]:
        """The outcome that the text means: exact, then a number, then folded words or a list."""
        if found := self.exact(text):
            return found
        value = number(text) if self._numbers else None
        if value in self._numbers:
            return [self._numbers[value]]
        if (value is not None and self.numeric) or _prose(text):
            return []
        folded = fold(text)
        if folded in self._folded:
            return [self._folded[folded]]
        return _distinct(o for c in joined(text) for o in self.exact(c)) if folded else []

    def standing(self, text: str) -> list[Any]:
        """Outcomes in prose: numbers that stand alone, or the longest labels that do.

        Of labels of one letter only capitals count, and not "A" or "I", which are words.
        """
        numbers = (v for _, v in standing_numbers(text)) if self._numbers else ()
        found = [self._numbers[v] for v in numbers if v in self._numbers]
        return _distinct(found if self.numeric else [*found, *self._labels(text)])

    def _labels(self, text: str) -> Iterator[Any]:
        raw = [m.group() for m in _WORD.finditer(plain(text))]
        yield from (self._texts[w] for w in raw if w in self._texts and _letter(w))
        words, i = [word.casefold() for word in raw], 0
        while i < len(words):
            for n in range(min(self._span, len(words) - i), 0, -1):
                key = " ".join(words[i : i + n])
                if len(key) > 1 and key in self._folded and _decimal(key) is None:
                    yield self._folded[key]
                    i += n - 1
                    break
            i += 1


class Unlisted:
    """A law too large to list: texts are asked of the law itself.

    The longest outcome is that of 32 seeded draws.
    """

    def __init__(self, law: Law) -> None:
        self._law = law
        rng = random.Random(0)
        draws = [law.draw(rng) for _ in range(32)]
        self.numeric = all(isinstance(draw, int | Decimal) for draw in draws)
        self.longest = max(len(str(draw).split()) for draw in draws)
        self._whole = all(isinstance(draw, int) for draw in draws)

    def exact(self, text: str) -> list[Any]:
        """The text itself, or its number, where the law gives it a chance."""
        if not self.numeric:
            return [text] if self._law.prob(text) else []
        return self._number(_decimal(text))

    def find(self, text: str) -> list[Any]:
        """The outcome that the text means: exact, a number, or a list with other separators."""
        if self.numeric:
            return self._number(number(text))
        if found := self.exact(text):
            return found
        return _distinct(o for candidate in joined(text) for o in self.exact(candidate))

    def standing(self, text: str) -> list[Any]:
        """Outcomes in prose: numbers, or whole lines, what follows a colon, and single words."""
        if self.numeric:
            return _distinct(o for _, v in standing_numbers(text) for o in self._number(v))
        lines = [line.strip() for line in text.splitlines()]
        pieces = _distinct([*lines, *(line.rpartition(": ")[2] for line in lines)])
        listed = (o for piece in pieces for o in self.find(piece.strip("*`\"'")))
        words = (o for word in _distinct(text.split()) for o in self.exact(word.strip("*`\"'")))
        return _distinct([*listed, *words])

    def _number(self, value: Decimal | None) -> list[Any]:
        if value is None or not self._law.prob(value):
            return []
        return [int(value) if self._whole else value]


def joined(text: str) -> list[str]:
    """A list of items in the separators a law may use; numbering, bullets and brackets go.

    A text without separators is taken as a list of its characters.

    >>> joined("[H,T]")[:3]
    ['H, T', 'H T', 'HT']
    """
    text = text.strip().strip("[](){}.")
    text = re.sub(r"(?m)^[ \t]*(?:\d+[.)]|[-*•])[ \t]+", "", text)
    items = [item.strip("\"'`*") for item in _SEPARATOR.split(text) if item]
    items = list(items[0]) if len(items) == 1 else items
    return [join.join(items) for join in _JOINS] if 2 <= len(items) <= 1000 else []


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if _NUMERAL.fullmatch(text) else None


def _letter(word: str) -> bool:
    """True for a capital letter that is no English word."""
    return len(word) == 1 and word.isupper() and word not in "AI"


def _prose(text: str) -> bool:
    """True for several sentences: a fold would join words that do not belong together."""
    return bool(re.search(r"[^\d\W]{2}[.!?]\s+\S", text))


def _unshared(pairs: Any) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    shared = {None, ""}
    for key, outcome in pairs:
        if key in found:
            shared.add(key)
        found[key] = outcome
    return {key: outcome for key, outcome in found.items() if key not in shared}


def _distinct(outcomes: Any) -> list[Any]:
    return list(dict.fromkeys(outcomes))
