"""From a reply to an answer: the stated format first, then what any reader would accept.

A reply is read in this order:

1. the stated format, exactly: the reply is an outcome's text, `<answer>4</answer>`, `Output: 4` or
   `{"roll": 4}`;
2. tolerantly: around the answer, white space, markdown bold or code, quotes and a closing `.` or
   `!` are dropped; numbers may have leading zeros, a plus sign, other digits or be words ("07",
   "seven", "４"); labels and tags may differ in case; lists may differ in separators, brackets and
   numbering;
3. as chat (format `bare` only): exactly one outcome stands in the reply, outside an echo of the
   prompt and outside a stated range ("between 1 and 6"), or is the only one in bold;
4. otherwise it is `Refused` when it says so, `OffSupport` when it is one answer of the right shape
   that the law does not know, and `Malformed` when it is none or several.

Tag, prefix and JSON formats require their frame: a bare "4" is `Malformed` there, but chat around
the frame is fine, and of several frames with different outcomes none counts. A thought before the
answer, up to `</think>`, is not read.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from evenodds.distributions import Law
from evenodds.errors import FormatError, TooLargeError
from evenodds.tasks.echo import without_echo
from evenodds.tasks.frame import Kind, contents_of, framed
from evenodds.tasks.numerals import in_words, number, standing_numbers, without_ranges
from evenodds.tasks.thought import spoken
from evenodds.tasks.vocabulary import LIST_LIMIT, Vocabulary, vocabulary

__all__ = [
    "Answer",
    "AnswerFormat",
    "Hit",
    "Malformed",
    "OffSupport",
    "Refused",
    "check_format",
]

DEFAULT_LABEL = {"bare": "", "tag": "answer", "prefix": "Output: ", "json": "answer"}

_REFUSAL = re.compile(
    r"\bI(?:['’]m| am)? ?(?:cannot|can['’]?t|can not|could ?n['’]?t|won['’]?t|will not|"
    r"(?:do not|don['’]t) have (?:the |any )?(?:ability|capability|access|means)|"
    r"(?:not|un)(?:\s?able| capable)|(?:must|have to) decline|apologi[sz]e)"
    r"|\bas an? (?:AI|artificial|(?:large )?language model)|\bI['’]m (?:just )?an? (?:AI|language)"
    r"|^(?:I['’]?m |I am )?sorry\b",
    re.IGNORECASE,
)
_BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|`([^`]+)`")
_WRAP = " \t\r\n\"'“”‘’`*_"


@dataclass(frozen=True)
class Hit:
    """The reply means this outcome of the law."""

    outcome: Any


@dataclass(frozen=True)
class OffSupport:
    """One answer of the right shape that the law does not know; `text` is that answer."""

    text: str


@dataclass(frozen=True)
class Malformed:
    """No answer, or several; `text` is the reply."""

    text: str


@dataclass(frozen=True)
class Refused:
    """The reply declines to answer; `text` is the reply."""

    text: str


Answer = Hit | OffSupport | Malformed | Refused


@dataclass(frozen=True)
class AnswerFormat:
    """How an answer is to be written, and how a reply is read.

    `kind`: `bare` (the outcome alone), `tag` (`<label>4</label>`), `prefix` (a line `label` + 4) or
    `json` (`{"label": 4}`). `label` defaults to "answer", for `prefix` to "Output: ".
    Raises `FormatError` for another kind or a label that cannot stand in it.

    >>> from evenodds.distributions import uniform
    >>> AnswerFormat().parse("You rolled a **4**!", uniform(1, 6))
    Hit(outcome=4)
    >>> AnswerFormat("tag").spellings(4)[0]
    '<answer>4</answer>'
    """

    kind: Kind = "bare"
    label: str = ""

    def __post_init__(self) -> None:
        """Fill in the default label; refuse one that its kind cannot hold."""
        if self.kind not in get_args(Kind):
            kinds = ", ".join(get_args(Kind))
            raise FormatError(f"{self.kind!r} is no answer format: use one of {kinds}.")
        if not isinstance(self.label, str):
            raise FormatError(f"{self.label!r} cannot be a label: give a text.")
        if not self.label:
            object.__setattr__(self, "label", DEFAULT_LABEL[self.kind])
        if self.kind == "bare" and self.label:
            raise FormatError(f"The format bare takes no label, and {self.label!r} came: leave it.")
        if self.kind == "tag" and not re.fullmatch(r"[A-Za-z][\w-]*", self.label):
            raise FormatError(
                f"{self.label!r} cannot be a tag: give letters, digits, - or _, a letter first."
            )

    @classmethod
    def from_text(cls, text: str) -> "AnswerFormat":
        """The format that a short text names: "bare", "tag", "tag:roll", "prefix:Output: "."""
        kind, _, label = text.partition(":")
        return cls(kind, label)  # type: ignore[arg-type]

    def spellings(self, outcome: Any) -> tuple[str, ...]:
        """Complete reply texts that mean the outcome, canonical first, without doubles.

        A variant may also be another outcome's text ("Red" beside "red"): `accepted` leaves it out.
        """
        text = str(outcome)
        inner = [text] if self.kind == "json" else [text, *_variants(text)]
        return tuple(dict.fromkeys(s for t in inner for s in framed(self.kind, self.label, t)))

    def accepted(self, outcome: Any, law: Law) -> tuple[str, ...]:
        """The spellings that read back as this outcome of the law, canonical first."""
        read = ((spelling, self.parse(spelling, law)) for spelling in self.spellings(outcome))
        return tuple(spelling for spelling, answer in read if answer == Hit(outcome))

    def parse(self, reply: str, law: Law, *, prompt: str = "") -> Answer:
        """Read a reply as an answer about `law`; what it repeats from `prompt` is no answer."""
        said = spoken(reply)
        if said is None:
            return Malformed(reply.strip())
        words, text = vocabulary(law), said.strip()
        if self.kind == "bare":
            return _parse_bare(text, prompt, words)
        return self._parse_framed(text, prompt, words)

    def _parse_framed(self, text: str, prompt: str, words: Vocabulary) -> Answer:
        contents = contents_of(self.kind, self.label, text)
        if len(contents) > 1:
            contents = contents_of(self.kind, self.label, without_echo(text, prompt)) or contents
        contents = [c for c in dict.fromkeys(contents) if not _placeholder(c, prompt, words)]
        found = list(dict.fromkeys(o for content in contents for o in _whole(content, words)))
        if len(found) == 1:
            return Hit(found[0])
        if _REFUSAL.search(text) and not found:
            return Refused(text)
        if len(contents) == 1 and not found and _shaped(contents[0], words):
            return OffSupport(contents[0])
        return Malformed(text)


def check_format(answer_format: AnswerFormat, law: Law) -> None:
    """Refuse a format that cannot serve its law.

    Every outcome's canonical spelling must read back as that outcome; of a law too large to list,
    64 seeded draws must. Raises `FormatError` that names the outcome, and the one it collides with.
    """
    for outcome in _some_outcomes(law):
        spelling = answer_format.spellings(outcome)[0]
        answer = answer_format.parse(spelling, law)
        if answer == Hit(outcome) and str(outcome).strip():
            continue
        if isinstance(answer, Hit) and answer.outcome != outcome:
            raise FormatError(
                f"The outcomes {outcome!r} and {answer.outcome!r} share the spelling {spelling!r}: "
                "give them different texts."
            )
        raise FormatError(
            f"The outcome {outcome!r} cannot be spelled in the format {answer_format.kind}: its "
            f"spelling {spelling!r} does not read back. Change the outcome or the format."
        )


def _some_outcomes(law: Law) -> Iterator[Any]:
    try:
        yield from law.pmf(LIST_LIMIT)
    except TooLargeError:
        rng = random.Random(0)
        yield from (law.draw(rng) for _ in range(64))


def _variants(text: str) -> Iterator[str]:
    value = number(text)
    words = in_words(int(value)) if value is not None and value == int(value) else None
    yield from (f"{text}.", f"**{text}**")
    if words:
        yield from (words, words.capitalize(), f"{words.capitalize()}.")
    elif value is None:
        yield from (text[:1].upper() + text[1:], f"{text[:1].upper()}{text[1:]}.", text.lower())


def _parse_bare(text: str, prompt: str, words: Vocabulary) -> Answer:
    if found := _whole(text, words):
        return Hit(found[0]) if len(found) == 1 else Malformed(text)
    said = without_ranges(without_echo(text, prompt))
    found = _emphasised(said, words) or words.standing(said)
    if len(found) == 1:
        return Hit(found[0])
    if _REFUSAL.search(text):
        return Refused(text)
    return Malformed(text) if found else _stray(text, said, words)


def _whole(text: str, words: Vocabulary) -> list[Any]:
    """The outcomes that the whole text may mean: as it stands, then without its wrapping."""
    return words.exact(text) or words.find(text) or words.find(_unwrapped(text))


def _unwrapped(text: str) -> str:
    """The text without quotes, bold, code marks and closing stops around it."""
    return text.lstrip(_WRAP).rstrip(f"{_WRAP}.!")


def _emphasised(text: str, words: Vocabulary) -> list[Any]:
    """The one outcome that is all that stands in bold or code, if there is exactly one."""
    segments = ["".join(groups) for groups in _BOLD.findall(text)]
    found = list(dict.fromkeys(o for s in segments for o in _whole(s, words)))
    return found if len(found) == 1 else []


def _stray(text: str, said: str, words: Vocabulary) -> Answer:
    """An answer of the right shape that is no outcome, or none at all."""
    if words.numeric:
        values = {value: shown for shown, value in standing_numbers(said)}
        return OffSupport(next(iter(values.values()))) if len(values) == 1 else Malformed(text)
    return OffSupport(text) if _shaped(text, words) else Malformed(text)


def _shaped(text: str, words: Vocabulary) -> bool:
    """True when a text could be an answer: a number for numbers, few enough words for labels."""
    if words.numeric:
        return number(_unwrapped(text)) is not None
    return bool(text) and "\n" not in text and len(text.split()) <= words.longest


def _placeholder(content: str, prompt: str, words: Vocabulary) -> bool:
    """True for the prompt's own filling of its frame ("number", "[an integer in {0, 1}]")."""
    named = not _whole(content, words) and number(content) is None
    return named and content.casefold() in prompt.casefold()
