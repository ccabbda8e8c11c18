"""What differs between the configuration of a survey and that of a run that would go on with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["changed"]

_NOTHING = object()
_LONGEST = 60


def changed(stands: Mapping[str, Any], wanted: Mapping[str, Any], under: str = "") -> Iterator[str]:
    """What differs between two mappings of JSON values, in words; inside mappings key by key.

    >>> list(changed({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}, "d": None}))
    ['a.b: recorded 1, now 3', 'd: recorded nothing, now null']
    """
    for name in {**stands, **wanted}:
        old, new = stands.get(name, _NOTHING), wanted.get(name, _NOTHING)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from changed(old, new, f"{under}{name}.")
        elif old != new:
            yield f"{under}{name}: recorded {_short(old)}, now {_short(new)}"


def _short(value: Any) -> str:
    shown = "nothing" if value is _NOTHING else json.dumps(value, sort_keys=True)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."
