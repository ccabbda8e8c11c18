"""One run while it lasts: begins calls, takes what they bring, and blames whom it may blame.

    reserve (on disk) -> ask -> keep raw -> settle -> read -> show the stopper, in order of draws

A call that brought no reply is a failure of its model or of its endpoint, never a draw.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zlib import crc32

from evenodds.errors import RunError
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered, reply_of
from evenodds.survey.copies import reply_mark
from evenodds.survey.cost import paid, worst_of
from evenodds.survey.interfaces import Body, Caller, CellLike, QuestionLike, Reader, coded
from evenodds.survey.journal import Journal
from evenodds.survey.lane import Lane
from evenodds.survey.limits import Limits
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.plan import decoding_of, longest, shape_of
from evenodds.survey.progress import Teller
from evenodds.survey.purse import Fits, Purse
from evenodds.survey.scheduler import Scheduler
from evenodds.survey.store import Store
from evenodds.survey.store_rows import Ended, Note, Raw, Read, Reserved, parts
from evenodds.survey.structured import supports
from evenodds.survey.yard import Yard

__all__ = ["Session", "cell_of", "cost_of"]

_DENIED = (401, 402)
_parts = lru_cache(maxsize=4096)(parts)


@dataclass(frozen=True, eq=False)
class Call:
    """A call that is made: `worst` in billionths of a dollar."""

    id: int
    yard: Yard
    lane: Lane
    i: int
    cell: CellLike
    body: Body
    worst: int
    began: float


@dataclass(kw_only=True, eq=False)
class Session:
    """What a run holds while it lasts; `journal` and `scheduler` are set inside the event loop.

    `thought`: tokens that a model which thinks may take beyond a question's limit.
    """

    store: Store
    purse: Purse
    lanes: Sequence[Lane]
    callers: Mapping[str, Caller]
    reader: Reader
    limits: Limits
    seed: int
    teller: Teller
    thought: int = 0
    journal: Journal = field(init=False)
    scheduler: Scheduler = field(init=False)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    crash: BaseException | None = None
    _decodings: dict[tuple[str, str, int], Any] = field(default_factory=dict)

    def begin(self, yard: Yard, lane: Lane, i: int) -> Fits:
        """Begin the call of a draw, if the caps cover it."""
        cell = cell_of(lane.question, lane.model, i, self.seed, lane.declined)
        body = self._body(lane, cell, i)
        worst = max(_parts(worst_of(lane.model.prices, body) or 0.0), lane.pace.dearest)
        fits = self.purse.fits(lane.model.id, worst)
        if fits is Fits.YES:
            self.purse.reserve(lane.model.id, worst)
            began = asyncio.get_running_loop().time()
            call = Call(self.store.next_id(), yard, lane, i, cell, body, worst, began)
            task = asyncio.create_task(self._make(call))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return fits

    def _body(self, lane: Lane, cell: CellLike, i: int) -> Body:
        question, most = lane.question, longest(lane.question, lane.model, self.thought)
        key = (question.name, cell.key, most)
        if (decoding := self._decodings.get(key)) is None:
            decoding = self._decodings[key] = decoding_of(question, cell, most)
        seed = series_seed(self.seed, question.name)
        caller = self.callers[lane.model.id]
        return caller.body(cell.task.prompt, decoding, seed, i, shape_of(cell))

    async def _make(self, call: Call) -> None:
        """Make a call, and see to what it brings."""
        try:
            await self.journal.put(self._reservation(call))
            try:
                answered = await self.callers[call.lane.model.id].ask(call.body)
            except Fault as fault:
                self._failed(call, fault, cost_of_fault(call, fault))
            else:
                self._came(call, answered)
        except asyncio.CancelledError:
            self._settle(call, call.worst, None, "interrupted")
            raise
        except BaseException as error:  # the run ends with it
            self.crash = self.crash or error
            self.scheduler.abort()
        finally:
            self.scheduler.returned(call.yard, call.lane)
            if self.teller.is_due():
                self.say()

    def _reservation(self, call: Call) -> Reserved:
        lane, name = call.lane, self.store.name
        names = (name(lane.model.id), name(lane.question.name), call.i, name(call.cell.key))
        return Reserved(call.id, *names, lane.tries(call.i), call.worst, time.time())

    def _came(self, call: Call, answered: Answered) -> None:
        """Keep an answer, and read it if it is a reply."""
        self.journal.post(Raw(call.id, answered))
        prices = call.lane.model.prices
        try:
            reply = reply_of(answered)
        except Fault as fault:
            self._failed(call, fault, cost_of(prices, fault.body, call.worst))
            return
        cost = cost_of(prices, reply.raw, call.worst)
        lane = call.lane
        lane.pace.dearest = max(lane.pace.dearest, cost if cost > call.worst else 0)
        names = (self.store.name(lane.question.name), self.store.name(lane.model.id), call.i)
        self._settle(call, cost, names, None)
        self.teller.paid += 1
        reading = self.reader.read(lane.question, call.cell, reply)
        mark = reply_mark(reply.raw)
        self.journal.post(Read(self.reader.version, call.id, *coded(reading), mark))
        now = asyncio.get_running_loop().time()
        lane.pace.answered(now)
        call.yard.answered(now)
        lane.arrived(call.i, reading, mark)

    def _settle(
        self, call: Call, cost: int, draw: tuple[int, int, int] | None, fault: str | None
    ) -> None:
        latency = asyncio.get_running_loop().time() - call.began
        self.purse.settle(call.lane.model.id, call.worst, cost)
        if self.journal.failed is None:
            self.journal.post(Ended(call.id, draw, cost, latency, fault))

    def _failed(self, call: Call, fault: Fault, cost: int) -> None:
        """Take note of a call without a reply, and decide whether and when it is made again."""
        self._settle(call, cost, None, fault.said[:300])
        now, lane = asyncio.get_running_loop().time(), call.lane
        try:
            if self._taught(call, fault):
                lane.again(call.i, now)
                return
        except Fault as final:
            fault = final
        self.teller.failed += 1
        self.teller.faults[_sort(fault)] += 1
        call.yard.failed(lane, now, denied=fault.status in _DENIED)
        if not fault.again and not lane.pace.came:
            lane.pace.finish("refused", fault.said)
        elif fault.status == 429:
            self._slow_down(call, fault, now)
        else:
            self._try_later(call, fault, now)
        if not call.yard.is_down and lane.pace.breaker.hopeless(now, self.limits.patience):
            lane.pace.finish("given up", fault.said)
        if call.yard.lost_cause(now):
            call.yard.finish("given up", fault.said)

    def _taught(self, call: Call, fault: Fault) -> bool:
        """Whether the same draw can be asked for in another way at once. Raises `Fault`: never."""
        caller = self.callers[call.lane.model.id]
        if not caller.declines_format(call.body, fault):
            return caller.learn(call.body, fault)
        lane = call.lane
        try:
            lane.question.cell(lane.model.id, call.i, self.seed, structured=False)
        except RunError:
            lane.finish("refused", f"takes no schema: {fault.said}")
            return True
        lane.declined = True
        self._note(lane, "declined", 0, fault.said)
        return True

    def _slow_down(self, call: Call, fault: Fault, now: float) -> None:
        """Too many calls: fewer of this model, and later."""
        pace = call.lane.pace
        wait = self.limits.wait(pace.breaker.failures + 1, fault.wait)
        pace.slowed(now, now + wait)
        call.lane.again(call.i, now)

    def _try_later(self, call: Call, fault: Fault, now: float) -> None:
        lane = call.lane
        if not call.yard.is_down:
            lane.pace.failed(now)
        if fault.wait:
            lane.pace.pause_until = max(lane.pace.pause_until, now + fault.wait)
        if lane.failed(call.i) >= self.limits.attempts:
            self._note(lane, "lost", call.i, fault.said)
            lane.lose(call.i)
        else:
            lane.again(call.i, now + self.limits.wait(lane.tries(call.i), fault.wait))

    def _note(self, lane: Lane, kind: str, i: int, said: str) -> None:
        names = (self.store.name(lane.model.id), self.store.name(lane.question.name))
        self.journal.post(Note(kind, *names, i, said[:300]))

    def say(self) -> None:
        """Tell how far the run is."""
        self.teller.say(
            under_way=self.scheduler.under_way,
            spent=self.purse.spent_dollars,
            reserved=self.purse.held_dollars,
            left=sum(lane.left for lane in self.lanes),
            lanes=[bool(lane.ended) for lane in self.lanes],
            stopping=self.scheduler.stopping and not self.scheduler.done.is_set(),
        )


def cell_of(
    question: QuestionLike, model: ModelInfo, i: int, seed: int, declined: bool
) -> CellLike:
    """The cell of draw i; a free one where the model takes no schema after all."""
    cell = question.cell(model.id, i, seed, structured=supports(model.supported))
    if declined and cell.structured:
        return question.cell(model.id, i, seed, structured=False)
    return cell


def series_seed(seed: int, question: str) -> int:
    """The seed of a question's replies: two questions of a survey share none."""
    return seed * 1000 + crc32(question.encode()) % 1000


def cost_of(prices: Any, record: Any, worst: int) -> int:
    """Billionths of a dollar of an answer; at its worst where nobody tells."""
    dollars = paid(prices, record)
    return worst if dollars is None else _parts(dollars)


def cost_of_fault(call: Call, fault: Fault) -> int:
    """What a call cost that was not answered: nothing where it was refused, or never left."""
    if paid(call.lane.model.prices, fault.body) is not None:
        return cost_of(call.lane.model.prices, fault.body, call.worst)
    refused = fault.status is not None and fault.status >= 400
    return 0 if refused or not fault.sent else call.worst


def _sort(fault: Fault) -> str:
    """A few words that many faults share."""
    return fault.said if fault.status is None else f"status {fault.status}"
