"""A grid of cells, each run once and kept: what is done is not done again.

A cell is a dict of options, its seed among them; running it gives numbers; both together are a row.
Rows are lines of `rows.jsonl` in the study's folder, written (fsync) as they come, so that a kill
costs the cells that were running and no other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from evenodds.errors import EvenoddsError, RunError
from evenodds.ledger import Ledger
from evenodds.ledger.alone import alone
from evenodds.ledger.config import agree
from evenodds.study.progress import Progress
from evenodds.study.workers import processes

Cell = dict[str, Any]
Row = dict[str, Any]
Failed = tuple[str, BaseException]
RunCell = Callable[[Cell], Mapping[str, Any]]


def grid(**options: Iterable[Any]) -> list[Cell]:
    """Every combination of the options' values; the last option changes fastest.

    >>> grid(lr=[1e-4, 1e-3], seed=range(2))[1:3]
    [{'lr': 0.0001, 'seed': 1}, {'lr': 0.001, 'seed': 0}]
    """
    return [dict(zip(options, values, strict=True)) for values in product(*options.values())]


def run_grid(
    run: RunCell,
    cells: Sequence[Cell],
    folder: str | Path,
    *,
    common: Mapping[str, Any] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    tell: Callable[[str], None] | None = None,
) -> list[Row]:
    """Run the cells that `folder` does not hold yet; return the rows of all, in their order.

    `run` is a function of a module or script, called with `common` and the cell's options in one
    dict, in `workers` processes of one thread each, or by `executor`. A row is the cell, what `run`
    gave, and "cpu_seconds". More cells may be asked of the same folder later; with other `common`
    options it refuses. `tell` gets lines of progress (standard error if left out). A cell that
    fails does not stop the others.

    Raises RunError for a folder of another configuration, for cells that failed, once the others
    are done, and for a process that died. Ctrl-C ends the processes; rows that are written stay.
    """
    plan = {cell_key(cell): cell for cell in cells}
    common = dict(common or {})
    with alone(folder):
        agree(Path(folder) / "config.json", {"study": run.__qualname__, **common})
        ledger = Ledger(Path(folder) / "rows.jsonl")
        owed = ledger.owed(plan)
        work = _Work(run, plan, common, ledger, Progress(len(owed), len(plan), tell))
        failed = work.done_by(_pool(executor, min(workers, len(owed))), owed) if owed else []
    if failed:
        raise RunError(_failures(failed, len(plan))) from failed[0][1]
    rows = ledger.rows()
    return [rows[key] for key in plan]


@dataclass(frozen=True)
class _Work:
    """What is run for each cell of the plan, and where its row goes."""

    run: RunCell
    plan: Mapping[str, Cell]
    common: Mapping[str, Any]
    ledger: Ledger
    progress: Progress

    def done_by(self, pool: AbstractContextManager[Executor], owed: Sequence[str]) -> list[Failed]:
        """Run the owed cells, record each as it ends; those that failed, with their errors."""
        failed: list[Failed] = []
        with pool as able:
            futures = {able.submit(timed, self.run, self._cell(key)): key for key in owed}
            try:
                for future in as_completed(futures):
                    failed += self._ended(futures[future], future)
            finally:
                for future in futures:
                    future.cancel()
        return failed

    def _cell(self, key: str) -> Cell:
        return {**self.common, **self.plan[key]}

    def _ended(self, key: str, future: Future[Row]) -> list[Failed]:
        if error := future.exception():
            self.progress.failed(self.plan[key], error)
            return [(key, _alive(error))]
        row = future.result()
        self.ledger.record(key, _row(self.plan[key], row))
        self.progress.done(self.plan[key], row["cpu_seconds"])
        return []


def cell_key(cell: Cell) -> str:
    """The name of a cell's work in the ledger: its options as canonical JSON.

    >>> cell_key({"seed": 0, "lr": 0.1})
    '{"lr": 0.1, "seed": 0}'
    """
    return json.dumps(cell, sort_keys=True, allow_nan=False)


def _pool(executor: Executor | None, workers: int) -> AbstractContextManager[Executor]:
    """The executor that was given, left running when the work is done, or processes."""
    return nullcontext(executor) if executor else processes(workers)


def timed(run: RunCell, cell: Cell) -> Row:
    """What `run` gives for the cell, and the CPU seconds that it took."""
    started = time.process_time()
    found = dict(run(cell))
    return {**found, "cpu_seconds": round(time.process_time() - started, 2)}


def _row(cell: Cell, found: Row) -> Row:
    """The cell and its numbers. Raises RunError where a number has the name of an option."""
    if both := cell.keys() & found.keys():
        raise RunError(
            f"a cell's options and its numbers share the name {min(both)!r}: rename one of them"
        )
    return {**cell, **found}


def _alive(error: BaseException) -> BaseException:
    """The error, unless it says that no more cells can be run; raises RunError then."""
    if isinstance(error, BrokenProcessPool):
        raise RunError(
            "a process of the study died without a word, as when memory runs out: repeat the "
            "command with fewer workers; what is done is kept"
        ) from error
    return error


def _failures(failed: Sequence[Failed], cells: int) -> str:
    key, error = failed[0]
    said = error if isinstance(error, EvenoddsError) else repr(error)
    return (
        f"{len(failed)} of {cells} cells failed, first {key}: {said}. The others are kept; repeat "
        "the command to try these again"
    )
