"""Names cut to a column's width, so that no two of them look alike."""

from collections.abc import Iterable, Sequence

from evenodds.report.text import fitted

__all__ = ["short_names"]

_HOST = 4
"""Letters that are kept of an API's name, where several APIs have a model."""


def short_names(names: Iterable[str], width: int) -> dict[str, str]:
    """Each name in exactly `width` columns; those that begin alike are cut before their ends.

    >>> list(short_names(["a/model-large", "a/model-small", "b/model"], 9).values())
    ['a/mo…arge', 'a/mo…mall', 'b/model  ']
    >>> list(short_names(["a/model@api.one", "a/model@api.two"], 12).values())
    ['a/model….one', 'a/model….two']
    """
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(fitted(name, width), []).append(name)
    return {
        name: short
        for cut, alike in groups.items()
        for name, short in zip(alike, _apart(alike, cut, width), strict=True)
    }


def _apart(alike: Sequence[str], cut: str, width: int) -> list[str]:
    """Names that begin alike, each with as much of its end as tells it from the others.

    Where no end does, a number stands for it.
    """
    if len(alike) == 1:
        return [cut]
    least = _HOST if all("@" in name for name in alike) else width // 2
    for tail in range(least, width - 1):
        short = [fitted(f"{name[: width - 1 - tail]}…{name[-tail:]}", width) for name in alike]
        if len(set(short)) == len(alike):
            return short
    return [fitted(f"{cut[: width - 5].rstrip()}…{k}", width) for k in range(1, len(alike) + 1)]
