"""Text that is safe and short enough to show: model replies, probabilities, durations.

A model may answer with anything. Nothing it wrote reaches a terminal or a page before `printable`.
"""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SMALLEST = 0.0005
_MARKS_PER_LETTER = 2


def printable(text: str, limit: int = 80) -> str:
    r"""Return `text` with every invisible character spelled out, cut to `limit` characters.

    Control characters, bidirectional overrides, zero-width characters and lone surrogates become
    their escapes; of combining marks at most two stay on a letter.

    >>> printable("4\u202e\x1b[31m")
    '4\\u202e\\x1b[31m'
    >>> printable("four" * 100, limit=9)
    'fourfour…'
    """
    shown = "".join(_visible(text[: 4 * limit]))
    return shown if len(shown) <= limit else shown[: max(limit - 1, 0)] + "…"


def _visible(text: str) -> list[str]:
    pieces: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_PER_LETTER:
            pieces.append(_escape(character))
    return pieces


def _escape(character: str) -> str:
    if unicodedata.category(character) in _HIDDEN:
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character


def columns(text: str) -> int:
    """Return how many terminal columns `text` takes: wide East Asian characters take two."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fitted(text: str, width: int) -> str:
    """Return `text` printable, cut or padded to exactly `width` columns.

    >>> fitted("heads", 3), fitted("骰", 4)
    ('he…', '骰  ')
    """
    shown = printable(text, max(width, 1))
    while columns(shown) > width:
        shown = shown.rstrip("…")[:-1] + "…"
    return shown + " " * (width - columns(shown))


def distance(value: float | None) -> str:
    """Return a tv or another distance in three decimals; a dash where there is none.

    >>> distance(0.70311), distance(0.0002), distance(0.0), distance(None)
    ('.703', '<.001', '0', '–')
    """
    if value is None:
        return "–"
    if value < _SMALLEST:
        return "<.001" if value > 0 else "0"
    return f"{value:.3f}".removeprefix("0")


def percent(probability: float | None) -> str:
    """Return a probability as a percentage with one decimal.

    >>> percent(1 / 6), percent(0.00004), percent(1.0), percent(0)
    ('16.7%', '<0.1%', '100%', '0%')
    """
    if probability is None:
        return "–"
    if 0 < probability < _SMALLEST:
        return "<0.1%"
    if probability in (0, 1):
        return f"{probability:.0%}"
    return f"{probability:.1%}"


def duration(seconds: float) -> str:
    """Return seconds as a person says them.

    >>> duration(0.34), duration(1.2), duration(12.4), duration(75)
    ('0.3 seconds', '1 second', '12 seconds', '1 min 15 s')
    """
    if seconds < 1:
        return f"{seconds:.1f} seconds"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} second{'s' * (whole != 1)}"
    return f"{whole // 60} min {whole % 60} s"
