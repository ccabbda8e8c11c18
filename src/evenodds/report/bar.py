"""A bar of text: to an eighth of a column where the output can write blocks, "#" elsewhere."""

from typing import IO

WIDTH = 80
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def has_blocks(out: IO[str]) -> bool:
    """Return whether the encoding of `out` can write block characters."""
    try:
        _EIGHTHS.encode(getattr(out, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def drawn_bar(share: float, width: int, blocks: bool = True) -> str:
    """Return a horizontal bar of `share` (0 to 1) of `width` columns, to an eighth of a column.

    >>> drawn_bar(0.5, 4), drawn_bar(0.03125, 4), drawn_bar(0.5, 4, blocks=False)
    ('██', '▏', '##')
    """
    share = min(max(share, 0.0), 1.0)
    if not blocks:
        return "#" * round(share * width)
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
