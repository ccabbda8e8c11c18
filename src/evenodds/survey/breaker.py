"""A circuit breaker: what fails again and again is left alone for a while, then tried once."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Breaker"]


@dataclass
class Breaker:
    """Opens after `threshold` failures in a row, for `cooldown` seconds, doubled every time.

    After that it is half open: one call is let through. A success closes it, a failure opens it
    again, up to `longest` seconds. Times are those of one monotonic clock.

    >>> breaker = Breaker(threshold=2, cooldown=10, longest=60)
    >>> breaker.failed(0); breaker.failed(0); breaker.allows_at(now=1, under_way=0)
    10.0
    >>> breaker.allows_at(now=10.0, under_way=0), breaker.allows_at(now=10.0, under_way=1)
    (10.0, None)
    >>> breaker.succeeded(11); breaker.state
    'closed'
    """

    threshold: int
    cooldown: float
    longest: float
    failures: int = 0
    openings: int = 0
    open_until: float = 0.0
    trouble_since: float | None = None

    @property
    def state(self) -> str:
        """Closed, or open; an open one lets a single call through when its time is over."""
        return "open" if self.openings else "closed"

    def allows_at(self, now: float, under_way: int) -> float | None:
        """When a call may be made, at `now` or later; None when it depends on those under way."""
        if not self.openings:
            return now
        if under_way:
            return None
        return max(now, self.open_until)

    def succeeded(self, now: float) -> None:
        """Take note of a call that brought something."""
        self.failures = self.openings = 0
        self.trouble_since = None

    def put_off(self, now: float) -> None:
        """Take note of a call that was told to come later: trouble, but nothing is broken."""
        self.failures += 1
        if self.trouble_since is None:
            self.trouble_since = now

    def failed(self, now: float) -> None:
        """Take note of a call that brought nothing."""
        self.put_off(now)
        if self.failures >= self.threshold and now >= self.open_until:
            pause = min(self.longest, self.cooldown * 2.0 ** min(self.openings, 30))
            self.open_until = now + pause
            self.openings += 1

    def hopeless(self, now: float, patience: float) -> bool:
        """Whether nothing came for `patience` seconds of trouble, several failures long."""
        if self.trouble_since is None or self.failures < self.threshold:
            return False
        return now - self.trouble_since >= patience
