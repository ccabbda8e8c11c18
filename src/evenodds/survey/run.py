"""The run of a survey: prepared from the ledger, paid within the caps, ended by verdicts.

What was under way when a process was killed counts at its worst case, and is asked again.
"""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from evenodds.errors import RunError
from evenodds.ledger.alone import alone
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import reply_of
from evenodds.survey.copies import reply_mark
from evenodds.survey.interfaces import Caller, QuestionLike, Reader, StopperLike, coded
from evenodds.survey.journal import Journal
from evenodds.survey.lane import Lane
from evenodds.survey.limits import Limits
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.pace import Pace
from evenodds.survey.plan import Plan, asks
from evenodds.survey.progress import Outcome, Progress, Teller
from evenodds.survey.purse import Purse
from evenodds.survey.replay import Past, Unread, past, read_anew, settle_arrived
from evenodds.survey.scheduler import Scheduler
from evenodds.survey.session import Session, cell_of, cost_of
from evenodds.survey.store import Store
from evenodds.survey.store_rows import Note, Odds, Stop
from evenodds.survey.yard import Yard

__all__ = ["run"]

Stoppers = Mapping[str, StopperLike]
Connect = Callable[[ModelInfo], Caller]


class Listed(Protocol):
    """A catalogue."""

    @property
    def models(self) -> Sequence[ModelInfo]:
        """The models to be asked."""
        ...


def run(
    catalogue: Listed,
    questions: Sequence[QuestionLike],
    plan: Plan,
    store: Store,
    *,
    connect: Connect,
    reader: Reader,
    stopper: Stoppers | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    config: Mapping[str, Any] | None = None,
    begun: Callable[[], None] = lambda: None,
    tell: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Ask every model every question, up to `plan.draws` times each and within the plan's caps.

    `stopper` holds for a question's name what ends a model's draws early. `connect` gives the
    caller of a model; models with the same `url` share one endpoint's manners (`limits`). The same
    call goes on where an earlier one ended, however it ended: `config`, `seed`, the questions and
    `plan.thought` must be the same; draws, caps and models may be others, and the ledger keeps what
    each run had of them. `begun` is called when it is clear that this is the same survey, before
    anything is asked; `tell` hears of the progress in the meantime.

    The first Ctrl-C begins no more calls and waits for those under way, the second waits for none;
    both raise KeyboardInterrupt when everything is written. Raises RunError for another survey's
    file, and when the file cannot be written; ModelError as `connect` does.
    """
    with alone(store.path.parent):
        store.agree({**(config or {}), **_fixed(questions, plan, seed)})
        store.keep_models({model.id: model.to_json() for model in catalogue.models})
        store.begin_run({"models": len(catalogue.models), **_changeable(plan)})
        begun()
        models = {model.id: model for model in catalogue.models}
        known = _Known(models, {q.name: q for q in questions}, reader, seed)
        settle_arrived(store, known.settle)
        anew = read_anew(store, reader.version, known.read)
        before = past(store, reader.version)
        teller, pick = Teller(tell), limits or Limits()
        begin = _Beginning(plan, stopper or {}, pick, before)
        lanes = begin.lanes(catalogue.models, questions)
        open_models = {lane.model.id: lane.model for lane in lanes if not lane.ended}
        callers = {name: connect(model) for name, model in open_models.items()}
        session = Session(
            store=store,
            purse=begin.purse(),
            lanes=lanes,
            callers=callers,
            reader=reader,
            limits=pick,
            seed=seed,
            teller=teller,
            thought=plan.thought,
        )
        interrupted = _on_a_loop(_run(session))
        if interrupted:
            raise KeyboardInterrupt
        return _outcome(lanes, teller, store, anew)


def _fixed(questions: Iterable[QuestionLike], plan: Plan, seed: int) -> dict[str, Any]:
    """What every run of a survey has to share, for its replies are draws of one law."""
    each = list(questions)
    return {
        "seed": seed,
        "questions": {q.name: getattr(q, "hash", q.name) for q in each},
        "max_tokens": {q.name: q.max_tokens for q in each},
        "thought_tokens": plan.thought,
    }


def _changeable(plan: Plan) -> dict[str, Any]:
    """What a run may have otherwise than the one before it."""
    return {"draws": plan.draws, "cap": plan.cap, "cap_per_model": plan.cap_per_model}


class _Known:
    """What rows of a ledger are about."""

    def __init__(
        self,
        models: Mapping[str, ModelInfo],
        questions: Mapping[str, QuestionLike],
        reader: Reader,
        seed: int,
    ) -> None:
        self._models, self._questions = models, questions
        self._reader, self._seed = reader, seed

    def read(self, row: Unread) -> tuple[int, int, int, Odds, int]:
        """The reading of a reply, in numbers."""
        question = self._questions[row.question]
        model = self._models.get(row.model) or ModelInfo(row.model, "")
        reply = reply_of(row.answered)
        reading = self._reader.read(question, self._cell(row, model), reply)
        return *coded(reading), reply_mark(reply.raw)

    def _cell(self, row: Unread, model: ModelInfo) -> Any:
        question = self._questions[row.question]
        by_key: Mapping[str, Any] = getattr(question, "by_key", {})
        if row.cell_key in by_key:
            return by_key[row.cell_key]
        for declined in (False, True):
            cell = cell_of(question, model, row.i, self._seed, declined)
            if cell.key == row.cell_key:
                return cell
        raise RunError(
            f"Draw {row.i} of {row.model} was asked in the cell {row.cell_key!r}, which "
            f"{row.question} no longer has: go on with the questions that it was begun with."
        )

    def settle(self, row: Unread, worst: int) -> tuple[int, bool, str | None]:
        """The cost of an answer that was kept just before the process was killed."""
        model = self._models.get(row.model) or ModelInfo(row.model, "")
        try:
            return cost_of(model.prices, reply_of(row.answered).raw, worst), True, None
        except Fault as fault:
            return cost_of(model.prices, fault.body, worst), False, fault.said[:300]


@dataclass(frozen=True)
class _Beginning:
    """Where a run begins: what the plan allows, less what the ledger holds."""

    plan: Plan
    stoppers: Stoppers
    limits: Limits
    before: Past

    def lanes(self, models: Iterable[ModelInfo], questions: Sequence[QuestionLike]) -> list[Lane]:
        """One lane for each model and question, gone as far as the ledger knows."""
        paces = [(model, Pace(model.id, self.limits)) for model in models]
        return [
            self._lane(model, question, pace)
            for model, pace in paces
            for question in questions
            if asks(question, model)
        ]

    def _lane(self, model: ModelInfo, question: QuestionLike, pace: Pace) -> Lane:
        key, judge = (model.id, question.name), self.stoppers.get(question.name)
        draws = self.plan.draws
        lane = Lane(model, question, draws, self.limits.ahead if judge else draws, judge, pace)
        lane.lost |= self.before.lost.get(key, frozenset())
        lane.declined = model.id in self.before.declined
        if key in self.before.draws:
            lane.recall(self.before.draws[key])
        if self.plan.capped and not model.prices.known:
            lane.finish("price unknown")
        pace.lanes.append(lane)
        return lane

    def purse(self) -> Purse:
        """The money: caps, and what counts against them already."""
        spent: dict[str, int] = {}
        for (model, _), cost in self.before.spent.items():
            spent[model] = spent.get(model, 0) + cost
        return Purse(self.plan.cap, self.plan.cap_per_model, spent)


async def _run(session: Session) -> bool:
    """Run all lanes to their end; whether a Ctrl-C came."""
    yards: dict[str, Yard] = {}
    for lane in session.lanes:
        if not lane.ended:
            url = session.callers[lane.model.id].url
            yards.setdefault(url, Yard(url, session.limits)).add(lane)
    session.journal = Journal(session.store)
    session.scheduler = scheduler = Scheduler(yards, session.begin)
    interrupted = False
    try:
        with _on_interrupt(session) as pressed:
            scheduler.start()
            await scheduler.done.wait()
            interrupted = bool(pressed)
        if scheduler.crash is None and session.crash is None and not interrupted:
            session.journal.post(*_stop_notes(session.store, session.lanes))
    finally:
        await _close(session)
    if (error := scheduler.crash or session.crash) is not None:
        raise error
    session.say()
    return interrupted


async def _close(session: Session) -> None:
    """Let go of everything; what was handed in is written."""
    session.scheduler.stopping = True
    session.scheduler.close()
    tasks = list(session.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    try:
        await session.journal.close()
    except RunError as error:
        session.crash = session.crash or error
    for caller in session.callers.values():
        await caller.close()


_ENDS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def _on_interrupt(session: Session) -> Iterator[list[int]]:
    """Let the first Ctrl-C end the run after the calls under way, the second one at once.

    A polite kill (SIGTERM) is the same.
    """
    pressed: list[int] = []

    def press() -> None:
        pressed.append(1)
        session.scheduler.stop()
        session.say()
        if len(pressed) > 1:
            for task in list(session.tasks):
                task.cancel()

    loop = asyncio.get_running_loop()
    try:
        if threading.current_thread() is not threading.main_thread():
            raise NotImplementedError
        for each in _ENDS:
            loop.add_signal_handler(each, press)
    except NotImplementedError:  # a thread, or a system without it: asyncio cancels the whole run
        yield pressed
        return
    try:
        yield pressed
    finally:
        for each in _ENDS:
            loop.remove_signal_handler(each)


def _on_a_loop(work: Any) -> bool:
    """Run on an event loop of its own; in a thread where one runs already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return bool(asyncio.run(work))
    found: list[Any] = []

    def inside() -> None:
        try:
            found.append(asyncio.run(work))
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=inside, name="evenodds-survey")
    thread.start()
    thread.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return bool(found[0])


def _stop_notes(store: Store, lanes: Iterable[Lane]) -> list[Note]:
    """What is to be remembered of how lanes ended, where it is not what was remembered."""
    known, notes = store.stops(), []
    for lane in lanes:
        stop = _stop(lane)
        if known.get((stop.model, stop.question)) != stop:
            names = (store.name(stop.model), store.name(stop.question))
            rest = {k: v for k, v in stop.to_json().items() if k not in ("model", "question")}
            notes.append(Note("stop", *names, stop.at, json.dumps(rest)))
    return notes


def _stop(lane: Lane) -> Stop:
    names = (lane.model.id, lane.question.name)
    return Stop(*names, lane.at, lane.kept, lane.why, lane.verdict, lane.fault, lane.copied)


def _outcome(lanes: Iterable[Lane], teller: Teller, store: Store, anew: int) -> Outcome:
    return Outcome(
        stops=tuple(_stop(lane) for lane in lanes),
        paid=teller.paid,
        failed=teller.failed,
        faults=dict(teller.faults.most_common()),
        spent=store.spent(),
        seconds=teller.seconds,
        read_anew=anew,
    )
