"""The manners of a run: calls at a time, calls a minute, pauses, and when to give up."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

from evenodds.errors import RunError

__all__ = ["Limits", "Rate", "Window"]


@dataclass(frozen=True)
class Limits:
    """The manners of a run.

    `concurrency` calls at a time at one endpoint, `per_model` at one model, never more than `ahead`
    draws beyond the first that is still owed. `rate` and `rate_per_model` are calls a minute (None:
    as many as come); `rate_free` is for models whose name ends in ":free". A call may take
    `timeout` seconds. After a failure a draw waits about `backoff` seconds, twice as long each
    time, up to `longest`. A model that fails `threshold` times in a row is left alone for
    `cooldown` seconds and longer, and given up after `patience` seconds without an answer. A draw
    that fails `attempts` times while others of its model come is lost. Raises RunError for a value
    that leaves nothing to do.
    """

    concurrency: int = 64
    per_model: int = 8
    ahead: int = 8
    rate: float | None = None
    rate_per_model: float | None = None
    rate_free: float | None = 20.0
    timeout: float = 60.0
    backoff: float = 0.5
    longest: float = 60.0
    threshold: int = 5
    cooldown: float = 5.0
    patience: float = 300.0
    attempts: int = 12

    def __post_init__(self) -> None:
        """Refuse what leaves nothing to do."""
        for each in fields(self):
            value = getattr(self, each.name)
            least = 0 if each.name in ("backoff", "cooldown", "patience", "longest") else 1e-9
            if value is not None and not least <= value < float("inf"):
                raise RunError(f"{each.name}={value} leaves nothing to do: give a greater one.")

    def model_rate(self, model: str) -> float | None:
        """Calls a minute that one model is asked at most."""
        free = self.rate_free if model.endswith(":free") else None
        given = [rate for rate in (free, self.rate_per_model) if rate is not None]
        return min(given, default=None)

    def wait(self, tries: int, asked: float | None = None) -> float:
        """Seconds to wait after `tries` failures in a row, or longer where the server asked to.

        Doubled each time, and cut at random to between a half and all of it.
        """
        full = min(self.longest, self.backoff * 2.0 ** min(tries - 1, 30))
        jitter = full * (0.5 + random.random() / 2)
        return max(jitter, (asked or 0.0) + jitter / 10)


class Rate:
    """At most so many calls a minute, spread evenly; None bounds nothing.

    >>> rate = Rate(60)
    >>> rate.next_at, rate.took(100.0), rate.next_at
    (0.0, None, 101.0)
    """

    def __init__(self, a_minute: float | None) -> None:
        self._gap = 0.0 if a_minute is None else 60.0 / a_minute
        self.next_at = 0.0

    def took(self, now: float) -> None:
        """Take note of a call that is made."""
        if self._gap:
            self.next_at = max(now, self.next_at) + self._gap


class Window:
    """How many calls at a time: one until the first answer, fewer after "too many", more again.

    Additive increase, multiplicative decrease, between 1 and `most`.

    >>> window = Window(8)
    >>> window.size, window.came(), window.size, window.refused(), window.size
    (1, None, 8, None, 4)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 1.0
        self._begun = False

    @property
    def size(self) -> int:
        """So many calls at a time."""
        return int(self._size)

    def came(self) -> None:
        """Take note of an answer."""
        self._size = min(self._most, self._size + 1 / self._size) if self._begun else self._most
        self._begun = True

    def refused(self) -> None:
        """Take note that it was too much."""
        self._begun = True
        self._size = max(1.0, self._size / 2)
