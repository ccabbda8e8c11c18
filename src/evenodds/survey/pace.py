"""How fast one model is asked, over all its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenodds.survey.breaker import Breaker
from evenodds.survey.limits import Limits, Rate, Window

if TYPE_CHECKING:
    from evenodds.survey.lane import Lane

__all__ = ["Pace"]


class Pace:
    """The manners towards one model: a window, a rate, a pause that it asked for, a breaker."""

    def __init__(self, model: str, limits: Limits) -> None:
        self.model = model
        self.window = Window(limits.per_model)
        self.rate = Rate(limits.model_rate(model))
        self.breaker = Breaker(limits.threshold, limits.cooldown, limits.longest)
        self.under_way = 0
        self.came = 0
        self.dearest = 0
        self.pause_until = 0.0
        self.lanes: list[Lane] = []

    def free_at(self, now: float) -> float | None:
        """When a call may be made: now or later; None when it depends on those under way."""
        if self.under_way >= self.window.size:
            return None
        closed = self.breaker.allows_at(now, self.under_way)
        return None if closed is None else max(closed, self.pause_until, self.rate.next_at)

    def answered(self, now: float) -> None:
        """Take note of a reply."""
        self.came += 1
        self.window.came()
        self.breaker.succeeded(now)

    def failed(self, now: float) -> None:
        """Take note of a call without a reply."""
        self.breaker.failed(now)

    def slowed(self, now: float, until: float) -> None:
        """Take note that calls came too fast: fewer at a time, none before `until`."""
        self.window.refused()
        self.breaker.put_off(now)
        self.pause_until = max(self.pause_until, until)

    def finish(self, why: str, fault: str) -> None:
        """End all lanes of the model."""
        for lane in self.lanes:
            lane.finish(why, fault)

    def recovered(self) -> None:
        """Forget the trouble: it was the endpoint's."""
        self.breaker.succeeded(0.0)
