"""Numbers as people and models write them: digits of any script, words, die faces.

What counts as a number here is decided once: ASCII digits, every Unicode decimal digit (full-width,
Arabic-Indic, Devanagari, ...), keycaps, the six die-face characters, English number words up to
nine hundred ninety-nine, a sign, a decimal point, and commas between thousands. Superscripts,
fractions, Roman numerals and exponents are not read.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

__all__ = ["in_words", "number", "plain", "standing_numbers", "without_ranges"]

# fmt: off
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: i for i, word in enumerate(_UNITS)} | {
    word: 10 * i for i, word in enumerate(_TENS, start=2)
}
_FACES = {0x2680 + i: str(i + 1) for i in range(6)}
_MARKS = {0xFE0F: None, 0x20E3: None, 0x200B: None, 0x2212: "-"}
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TABLE: dict[int, str | None] = {**_FACES, **_MARKS, **_FULL_WIDTH}

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|(?<!\.)\.\d+"
_WHOLE = re.compile(rf"[-+]?(?:{_DIGITS})(?:\.)?")
_STANDING = re.compile(
    rf"(?<![\w/%$€+\-–])(?<!\d[.:,])[-+]?(?:{_DIGITS})(?![\w%/]|[-–]\w|[.:,]\d)", re.ASCII
)
_WORD = "|".join([*_UNITS, *_TENS])
_WORDS = re.compile(
    rf"(?<![\w-])(?:(?:{_WORD}|a)\s+hundred(?:\s+and)?(?:[\s-]+(?:{_WORD})){{0,2}}"
    rf"|(?:{_WORD})(?:[\s-]+(?:{_WORD}))?)(?![\w-])",
    re.IGNORECASE,
)
_BOUND = rf"(?:-?\d+(?:\.\d+)?|{_WORD})"
_RANGE = re.compile(
    rf"\b(?:between|from)\s+{_BOUND}\s+(?:and|to)\s+{_BOUND}\b"
    rf"|(?<![\w-]){_BOUND}\s*(?:\bto\b|\bthrough\b|\bthru\b|\.\.+|…|[-–—])\s*{_BOUND}\b",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """The text with every digit in ASCII: full-width, other scripts, keycaps, die faces.

    >>> plain("４ ⚃ 4️⃣ ٤")
    '4 4 4 4'
    """
    text = text.translate(_TABLE)
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def number(text: str) -> Decimal | None:
    """The number that the whole text is, or None.

    >>> number("07"), number("Seven"), number("1,000"), number("7 or 8")
    (Decimal('7'), Decimal('7'), Decimal('1000'), None)
    """
    text = plain(text).strip()
    if len(text) > 60:
        return None
    if _WHOLE.fullmatch(text):
        return Decimal(text.replace(",", "").rstrip("."))
    return _from_words(text)


def in_words(value: int) -> str | None:
    """English words of a whole number from 0 to 99, else None.

    >>> in_words(7), in_words(42), in_words(100)
    ('seven', 'forty-two', None)
    """
    if not 0 <= value < 100:
        return None
    if value < 20:
        return _UNITS[value]
    tens = _TENS[value // 10 - 2]
    return f"{tens}-{_UNITS[value % 10]}" if value % 10 else tens


def without_ranges(text: str) -> str:
    """The text with phrases that state a range cut out, since they pick nothing.

    >>> without_ranges("A number between 1 and 6: 4")
    'A number ¦: 4'
    """
    return _RANGE.sub("¦", text)


def standing_numbers(text: str) -> Iterator[tuple[str, Decimal]]:
    """Numbers that stand alone in prose, as (text, value).

    Not numbers here: parts of words ("d20", "4th"), of compounds ("20-sided"), of ranges ("1-6"),
    fractions, percentages and times. Words are read only where no digits stand, and a lone "one"
    never, for it is mostly a pronoun.

    >>> [str(v) for _, v in standing_numbers("Your d20, a 20-sided die, shows a 7!")]
    ['7']
    """
    text = plain(text)
    found = [(m.group(), Decimal(m.group().replace(",", ""))) for m in _STANDING.finditer(text)]
    yield from found or _standing_words(text)


def _standing_words(text: str) -> Iterator[tuple[str, Decimal]]:
    for match in _WORDS.finditer(text):
        if match.group().lower() == "one":
            continue
        value = _from_words(match.group())
        if value is not None:
            yield match.group(), value
        else:
            yield from ((w, Decimal(_VALUES[w.lower()])) for w in match.group().split())


def _from_words(text: str) -> Decimal | None:
    words = text.lower().replace("-", " ").split()
    hundreds = 0
    if len(words) > 1 and words[1] == "hundred":
        hundreds = 1 if words[0] == "a" else _VALUES.get(words[0], 0)
        if not 1 <= hundreds <= 9:
            return None
        words = words[3:] if words[2:3] == ["and"] and words[3:] else words[2:]
        if not words:
            return Decimal(100 * hundreds)
    rest = _below_hundred(words)
    return None if rest is None or (hundreds and not rest) else Decimal(100 * hundreds + rest)


def _below_hundred(words: list[str]) -> int | None:
    values = [_VALUES.get(word) for word in words]
    match values:
        case [int(value)]:
            return value
        case [int(tens), int(unit)] if tens >= 20 and 1 <= unit <= 9:
            return tens + unit
        case _:
            return None
