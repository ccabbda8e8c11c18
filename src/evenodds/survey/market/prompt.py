"""What a prompt asks, as a simulated model understands it: options, chances, draws, and the form.

The options are looked for in this order, and are those of the first that is there:
1. a set in braces: "{0, 1}";
2. a line "Options:" (or choices, outcomes, sides, labels, faces), with them behind it, or below it
   one a line after "-", "*" or a number;
3. labels with their chances: "red with probability 0.7 or blue with probability 0.3", "red (70%)";
4. a range: "from 1 to 100", "between 1 and 6", "100 down to 1";
5. two labels in words of their own ("A on one side and B on the other"); else a list in the text:
   "a, b, c or d", "a and b"; of numbers and words mixed, the numbers;
6. at least two different texts in quotes;
7. a coin (heads, tails) or a die (1 to 6, or its number of sides: d20, 20-sided); before 5 and 6
   where heads and tails are both named, or where they give another number than the die has sides;
8. a letter of the alphabet, a colour, a word: some that everyone knows.
`draws` is the number before "times", "draws", "flips" and so on; the answer's form is
<TAG></TAG>, a prefix told in quotes ("Output: 0"), a JSON object {"KEY": ...}, else bare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Asked", "read_prompt"]

_TOKEN = r"[^\W_][\w'’-]{0,23}"
_BRACES = re.compile(r"\{([^{}\n:\"]{1,400}?,[^{}\n:\"]{1,400}?)\}")
_HEAD = re.compile(
    r"^[ \t]*(?:options|choices|outcomes|sides|labels|faces)[ \t]*:[ \t]*(.*)$", re.I | re.M
)
_BULLET = re.compile(r"[ \t]*(?:[-*•]|\d+[.)])[ \t]+(.+)")
_ODDS = re.compile(
    rf"({_TOKEN})(?: with (?:an? )?(?:probability|chance)(?: of)?|:| \()\s*"
    r"(\d*\.\d+|\d+(?:\.\d+)?(?=\s*%))\s*(%?)"
)
_RANGE = re.compile(
    r"(-?\d+)\s*(?:to|through|down to|up to|–)\s*(-?\d+)"
    r"|between\s+(-?\d+)\s+and\s+(-?\d+)|\brandint\((-?\d+),\s*(-?\d+)\)",
    re.I,
)
_RUN = re.compile(
    rf"(?<![\w'’-]){_TOKEN}(?:(?:, {_TOKEN})+(?:,? (?:or|and) {_TOKEN})?| (?:or|and) {_TOKEN})"
)
_QUOTED = re.compile(r"[\"“`']([^\"”`'\n]{1,40})[\"”`']")
_DIE = re.compile(
    r"\b1?d(\d{1,3})\b|(\d{1,3})[- ]sided|\b(?:fair_)?(?:die|dice|cube)\b"
    r"|\bsides=6|\bone (?:to|and) six",
    re.I,
)
_PAIR = re.compile(
    rf"\bhas ({_TOKEN}) on one side and ({_TOKEN}) on the other"
    rf"|\b({_TOKEN}) if the \w+ \w+ one way, ({_TOKEN}) if"
    rf"|\b([01]) (?:for |\()\w+\)? or ([01]) (?:for |\()"
    rf"|\bone says ({_TOKEN}), the other says ({_TOKEN})|\bteam ({_TOKEN}) plays team ({_TOKEN})"
    rf"|: 1\) ({_TOKEN}) 2\) ({_TOKEN})\.",
    re.I,
)
_COIN = ("heads", "tails")
_SIDES = re.compile(r"\bheads\b.*\btails\b|\btails\b.*\bheads\b", re.I | re.S)
_COUNT = re.compile(
    r"\b(\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\s+(?:[a-z]+\s+){0,2}"
    r"(?:times|draws|flips|tosses|rolls|picks|samples|results|values|outcomes)\b",
    re.I,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_NUMBERS |= {"nine": 9, "ten": 10, "twelve": 12, "twenty": 20}
_TAG = re.compile(r"<([A-Za-z]\w*)>[^<>\n]{0,40}</\1>")
_PREFIX = re.compile(r"\"([A-Z][\w ]{0,20}: ?)[^\"\n]*\"")
_KEY = re.compile(r"\{\s*\"(\w+)\"\s*:")
# fmt: off
_STOP = frozenset({
    "a", "all", "alone", "an", "and", "answer", "any", "at", "be", "by", "chance", "chances",
    "do", "each", "either", "equal", "equally", "every", "fair", "favourites", "for", "format",
    "from", "give", "i", "in", "independently", "is", "it", "just", "likely", "me", "no",
    "nothing", "number", "numbers", "of", "on", "one", "only", "or", "order", "other",
    "output", "pick", "please", "probability", "pure", "random", "randomly", "reply", "rest",
    "same", "separated", "so", "than", "that", "the", "them", "then", "there", "these", "they",
    "this", "times", "to", "together", "uniformly", "which", "with", "without", "word",
    "words", "write", "you", "your",
})
# fmt: on
_LARGEST = 10_000
# fmt: off
_OPEN = {
    r"\bletter of the alphabet\b": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    r"\bcolou?r\b": ("red", "orange", "yellow", "green", "blue", "brown", "black", "white"),
    r"\brandom word\b": (
        "apple", "river", "stone", "cloud", "music", "table", "light", "horse", "bread", "ocean",
        "paper", "green", "house", "dream", "tiger", "field", "lemon", "chair", "storm", "night",
    ),
}
# fmt: on


@dataclass(frozen=True)
class Asked:
    """What was understood: options in the order named, their chances, how many draws, the form.

    `form` is "bare", "tag:NAME", "prefix:TEXT" or "json:KEY". No options: no draw was asked for.
    """

    options: tuple[str, ...]
    chances: tuple[float, ...] = ()
    draws: int = 1
    form: str = "bare"
    explained: bool = False


@lru_cache(maxsize=8192)
def read_prompt(prompt: str) -> Asked:
    """What a prompt asks (see the module).

    >>> read_prompt("Draw red with probability 0.7 or blue with probability 0.3.").chances
    (0.7, 0.3)
    >>> asked = read_prompt('Flip a coin 12 times: "ping" or "pong", in <answer></answer>.')
    >>> asked.options, asked.draws, asked.form
    (('ping', 'pong'), 12, 'tag:answer')
    """
    options, chances = _options(prompt)
    found = _COUNT.search(prompt)
    told = found[1].lower() if found else "1"
    draws = _NUMBERS.get(told) or max(1, int(told))
    return Asked(options, chances, draws, _form(prompt), "Explanations:" in prompt)


def _options(prompt: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    for way in _FIRST_WAYS:
        if len(options := way(prompt)) > 1:
            return _even(options)
    if len(odds := _odds(prompt)) > 1:
        return tuple(odds), tuple(chance / sum(odds.values()) for chance in odds.values())
    sides = _thing(prompt)
    for way in _OTHER_WAYS:
        options = way(prompt)
        if way in _LOOSE and sides and (len(options) != len(sides) or _SIDES.search(prompt)):
            continue
        if len(options) > 1:
            return _even(options)
    return (), ()


def _even(options: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    return options, (1 / len(options),) * len(options)


def _different(texts: Iterable[str]) -> tuple[str, ...]:
    bare = (text.strip().strip("\"'`“”").strip() for text in texts)
    return tuple(dict.fromkeys(text for text in bare if text))


def _braced(prompt: str) -> tuple[str, ...]:
    hit = _BRACES.search(prompt)
    return _different(hit[1].split(",")) if hit else ()


def _headed(prompt: str) -> tuple[str, ...]:
    hit = _HEAD.search(prompt)
    if hit is None:
        return ()
    if hit[1].strip():
        return _different(re.split(r",|\||;|\s+or\s+|\s+and\s+", hit[1].rstrip(" .")))
    bullets = []
    for line in prompt[hit.end() :].lstrip("\n").split("\n"):
        if (found := _BULLET.fullmatch(line)) is None:
            break
        bullets.append(found[1])
    return _different(bullets)


def _odds(prompt: str) -> dict[str, float]:
    return {name: float(number) for name, number, _ in _ODDS.findall(prompt) if float(number) > 0}


def _ranged(prompt: str) -> tuple[str, ...]:
    hit = _RANGE.search(prompt)
    if hit is None:
        return ()
    low, high = sorted(int(end) for end in hit.groups() if end is not None)
    return tuple(map(str, range(low, high + 1))) if high - low < _LARGEST else ()


def _paired(prompt: str) -> tuple[str, ...]:
    hit = _PAIR.search(prompt)
    return tuple(filter(None, hit.groups())) if hit else ()


def _listed(prompt: str) -> tuple[str, ...]:
    for hit in _RUN.finditer(prompt):
        tokens = re.split(r",? (?:or|and) |, ", hit.group())
        while tokens and _is_usual(tokens[-1]):
            tokens.pop()
        numbers = [token for token in tokens if token.isdigit()]
        named = numbers if 0 < len(numbers) < len(tokens) else tokens
        if len(set(named)) > 1 and not any(map(_is_usual, named)):
            return _different(named)
    return ()


def _is_usual(word: str) -> bool:
    """Whether a word is one of the prompt's own; a capital letter alone is an option."""
    return (word.lower() if len(word) > 1 else word) in _STOP


def _quoted(prompt: str) -> tuple[str, ...]:
    return _different(_QUOTED.findall(prompt))


def _thing(prompt: str) -> tuple[str, ...]:
    if re.search(r"\bcoin\b|\bheads\b", prompt, re.I):
        said = prompt.lower()
        return ("tails", "heads") if 0 <= said.find("tails") < said.find("heads") else _COIN
    hit = _DIE.search(prompt)
    if hit is None:
        return ()
    return tuple(map(str, range(1, int(hit[1] or hit[2] or 6) + 1)))


def _open(prompt: str) -> tuple[str, ...]:
    return next((some for asked, some in _OPEN.items() if re.search(asked, prompt, re.I)), ())


_Way = Callable[[str], tuple[str, ...]]
_FIRST_WAYS: tuple[_Way, ...] = (_braced, _headed)
_LOOSE = (_listed, _quoted)
_OTHER_WAYS: tuple[_Way, ...] = (_ranged, _paired, _listed, _quoted, _thing, _open)


def _form(prompt: str) -> str:
    if hit := _TAG.search(prompt):
        return f"tag:{hit[1]}"
    if hit := _PREFIX.search(prompt):
        return f"prefix:{hit[1]}"
    if hit := _KEY.search(prompt):
        return f"json:{hit[1]}"
    return "bare"
