"""One endpoint: the lanes that wait for it, and the manners towards it as a whole."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count

from evenodds.survey.breaker import Breaker
from evenodds.survey.lane import Lane
from evenodds.survey.limits import Limits, Rate

__all__ = ["Yard"]

_SEVERAL = 3
"""So many models in trouble, and none that answers, are a trouble of the endpoint."""


class Yard:
    """The lanes of one endpoint, in turn: ready ones, sleeping ones until their time, the rest.

    A lane's `state` says where it is: "ready", "sleeping", "broke" (waits for money) or "parked"
    (waits for a call of its model).
    """

    def __init__(self, url: str, limits: Limits) -> None:
        self.url, self.limits = url, limits
        self.lanes: list[Lane] = []
        self.under_way = 0
        self._rate = Rate(limits.rate)
        self._breaker = Breaker(limits.threshold * 2, limits.cooldown, limits.longest)
        self._troubled: set[str] = set()
        self._denied: set[str] = set()
        self._ready: deque[Lane] = deque()
        self._sleeping: list[tuple[float, int, Lane]] = []
        self._broke: list[Lane] = []
        self._turn = count()

    def add(self, lane: Lane) -> None:
        """Take a lane in, at the end of the queue."""
        self.lanes.append(lane)
        self._ready.append(lane)

    def free_at(self, now: float) -> float | None:
        """When a call may be made: now or later; None when it depends on those under way."""
        if self.under_way >= self.limits.concurrency:
            return None
        closed = self._breaker.allows_at(now, self.under_way)
        return None if closed is None else max(closed, self._rate.next_at)

    def next(self, now: float) -> Lane | None:
        """A lane that may ask now, taken out of the queue; None where there is none."""
        while self._sleeping and self._sleeping[0][0] <= now:
            lane = heapq.heappop(self._sleeping)[2]
            if lane.state == "sleeping":
                self.wake(lane)
        while self._ready:
            lane = self._ready.popleft()
            when = _ready_at(lane, now)
            if when is not None and when <= now:
                return lane
            lane.state = "parked" if when is None else "sleeping"
            if when is not None:
                heapq.heappush(self._sleeping, (when, next(self._turn), lane))
        return None

    def wake(self, lane: Lane) -> None:
        """Put a lane back into the queue, where it may be looked at again."""
        if not lane.ended:
            lane.state = "ready"
            self._ready.append(lane)

    def wake_model(self, lane: Lane) -> None:
        """A call of a model came back: its waiting lanes may go on."""
        for each in self._siblings(lane):
            if each.state in ("parked", "sleeping"):
                self.wake(each)

    def no_money(self, lane: Lane) -> None:
        """A lane waits until calls under way cost less than they might."""
        lane.state = "broke"
        self._broke.append(lane)

    def wake_broke(self) -> None:
        """Money came back."""
        broke, self._broke = self._broke, []
        for lane in broke:
            self.wake(lane)

    def next_time(self, now: float) -> float | None:
        """When there may be something to do without any call coming back; None for never."""
        while self._sleeping and not _waits(self._sleeping[0][2]):
            heapq.heappop(self._sleeping)
        wakes = self._sleeping[0][0] if self._sleeping else None
        free = self.free_at(now)
        if free is None:
            return None
        if self._ready:
            return free
        return None if wakes is None else max(free, wakes)

    def left(self, lane: Lane, now: float) -> None:
        """A call of a lane is made."""
        self.under_way += 1
        lane.pace.under_way += 1
        self._rate.took(now)
        lane.pace.rate.took(now)

    def returned(self, lane: Lane) -> None:
        """A call of a lane came back, with a reply or without."""
        self.under_way -= 1
        lane.pace.under_way -= 1

    def answered(self, now: float) -> None:
        """Take note of a reply: the endpoint works."""
        if self._breaker.openings:
            for lane in self.lanes:
                lane.pace.recovered()
        self._breaker.succeeded(now)
        self._troubled.clear()
        self._denied.clear()

    def failed(self, lane: Lane, now: float, *, denied: bool) -> None:
        """Take note of a call without a reply."""
        self._troubled.add(lane.model.id)
        if denied:
            self._denied.add(lane.model.id)
        if len(self._troubled) >= _SEVERAL:
            self._breaker.failed(now)

    @property
    def is_down(self) -> bool:
        """Whether the trouble is the endpoint's, so that no model is blamed."""
        return self._breaker.openings > 0

    def lost_cause(self, now: float) -> bool:
        """Whether the whole endpoint has to be given up: nothing comes, or the key is refused."""
        return len(self._denied) >= _SEVERAL or self._breaker.hopeless(now, self.limits.patience)

    def finish(self, why: str, fault: str) -> None:
        """End all lanes that go on."""
        for lane in self.lanes:
            lane.finish(why, fault)

    def _siblings(self, lane: Lane) -> list[Lane]:
        return [each for each in lane.pace.lanes if not each.ended]


def _waits(lane: Lane) -> bool:
    return lane.state == "sleeping" and not lane.ended


def _ready_at(lane: Lane, now: float) -> float | None:
    if lane.ended:
        return None
    owed = lane.owed_at(now)
    free = lane.pace.free_at(now)
    return None if owed is None or free is None else max(owed, free)
