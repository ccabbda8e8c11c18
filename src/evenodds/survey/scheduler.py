"""Who asks next: calls begin whenever there is room, money and leave, and nothing ever polls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from evenodds.survey.lane import Lane
from evenodds.survey.purse import Fits
from evenodds.survey.yard import Yard

__all__ = ["Scheduler"]

Begin = Callable[[Yard, Lane, int], Fits]


class Scheduler:
    """Begins calls of the lanes of several yards, by `begin`, until all lanes have ended.

    `begin` starts the call of a draw and returns `Fits.YES`, or starts none and says that the money
    does not cover it. `returned` has to be called when a call came back. For one event loop.
    """

    def __init__(self, yards: Mapping[str, Yard], begin: Begin) -> None:
        self._loop = asyncio.get_running_loop()
        self._yards, self._begin = list(yards.values()), begin
        self._timer: asyncio.TimerHandle | None = None
        self._soon = False
        self.stopping = False
        self.crash: BaseException | None = None
        self.done = asyncio.Event()

    def start(self) -> None:
        """Begin the first calls."""
        self._pump()

    def stop(self) -> None:
        """Begin no more calls; those under way may come back."""
        self.stopping = True
        self._shortly()

    def abort(self) -> None:
        """Begin no more calls, and wait for none."""
        self.stopping = True
        self.done.set()

    def returned(self, yard: Yard, lane: Lane) -> None:
        """A call came back, and its draw was taken, put back or lost."""
        yard.returned(lane)
        yard.wake_model(lane)
        for each in self._yards:
            each.wake_broke()
        self._shortly()

    @property
    def under_way(self) -> int:
        """How many calls are under way."""
        return sum(yard.under_way for yard in self._yards)

    def _shortly(self) -> None:
        """Look once for all the calls that come back at the same time."""
        if not self._soon:
            self._soon = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._soon = False
        now = self._loop.time()
        try:
            for yard in () if self.stopping else self._yards:
                self._fill(yard, now)
        except BaseException as error:  # nobody else would hear of it
            self.crash = error
            self.abort()
        if self._is_over(now):
            self.done.set()

    def _fill(self, yard: Yard, now: float) -> None:
        while (free := yard.free_at(now)) is not None and free <= now:
            if (lane := yard.next(now)) is None:
                return
            draw = lane.take(now)
            fits = self._begin(yard, lane, draw)
            if fits is Fits.YES:
                yard.left(lane, now)
                yard.wake(lane)
            elif fits is Fits.LATER:
                lane.again(draw, now)
                yard.no_money(lane)
            else:
                lane.finish("cap")

    def _is_over(self, now: float) -> bool:
        """Whether nothing is under way and nothing will be; sets the alarm where it will."""
        if self.stopping:
            return not self.under_way
        times = [when for yard in self._yards if (when := yard.next_time(now)) is not None]
        if times:
            self._alarm(min(times))
            return False
        if self.under_way:
            return False
        for yard in self._yards:  # nothing under way can bring money back
            yard.finish("cap", "")
        return True

    def _alarm(self, when: float) -> None:
        if self._timer is not None:
            if not self._timer.cancelled() and self._loop.time() < self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._pump)

    def close(self) -> None:
        """Set no more alarms."""
        if self._timer is not None:
            self._timer.cancel()
