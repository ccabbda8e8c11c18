"""The ledger of a survey: one SQLite file in which every call is reserved, kept raw and settled.

A call's worst case is in the file before the call is made; what came is in it before anything
reads it; what it cost follows. A reservation that a killed process left open counts at its worst
case for ever, and its draw is owed again. Nothing is ever changed: the file refuses it.
"""

from __future__ import annotations

import json
import sqlite3
import time
import weakref
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evenodds.errors import RunError
from evenodds.models.endpoint_shared import Answered
from evenodds.survey.config_changes import changed
from evenodds.survey.store_rows import (
    PARTS,
    DrawRow,
    Ended,
    Note,
    Odds,
    Op,
    Raw,
    Read,
    Reserved,
    Stop,
    packed,
    parts,
    unpacked,
)
from evenodds.survey.store_schema import FORMAT, SCHEMA

__all__ = ["Store"]

_CHUNK = 50_000
_INSERT: Mapping[type, str] = {
    Reserved: "INSERT INTO reserved VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    Raw: "INSERT INTO raw VALUES (?, ?, ?)",
    Ended: "INSERT INTO ended VALUES (?, ?, ?, ?, ?)",
    Read: "INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)",
    Note: "INSERT INTO notes(kind, model, question, i, said) VALUES (?, ?, ?, ?, ?)",
}
_DRAWS = """
SELECT m.name, q.name, d.i, c.name, w.status, w.body, e.cost, e.latency, r.asked_at, r.attempt
FROM draws d JOIN reserved r ON r.id = d.id JOIN raw w ON w.id = d.id JOIN ended e ON e.id = d.id
JOIN names m ON m.id = d.model JOIN names q ON q.id = d.question JOIN names c ON c.id = r.cell
WHERE d.question = ? ORDER BY d.question, d.model, d.i"""
_ODDS = """
SELECT d.model, d.question, d.i, x.law FROM odds x JOIN reserved r ON r.id = x.id
JOIN draws d ON d.question = r.question AND d.model = r.model AND d.i = r.i AND d.id = x.id
WHERE x.reader = ?"""
_STOPS = """
SELECT m.name, q.name, n.said FROM notes n JOIN names m ON m.id = n.model
JOIN names q ON q.id = n.question WHERE n.kind = 'stop' ORDER BY n.id"""
_SPENT = """
SELECT r.model, r.question, SUM(COALESCE(e.cost, r.worst)), SUM(e.paid IS 1)
FROM reserved r LEFT JOIN ended e ON e.id = r.id GROUP BY r.model, r.question"""


class Store:
    """A survey's file, made where there is none; `read_only` never writes.

    Every write is on the disk when the call returns (WAL, synchronous=FULL). One process writes at
    a time: hold `evenodds.ledger.alone` around it. Raises RunError for a file that is none of ours.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = Store(folder.name + "/survey.sqlite")
    >>> call = store.reserve("a/b", "coin", 0, "plain", worst=0.5)
    >>> store.spent()
    0.5
    >>> store.settle(call, 0.1, Answered(200, "{}"))
    >>> store.spent("a/b"), [row.raw for row in store.draws("coin")]
    (0.1, ['{}'])
    >>> store.close(); folder.cleanup()
    """

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = Path(path)
        self._db = _opened(self.path, read_only)
        weakref.finalize(self, self._db.close)
        rows = self.rows("SELECT name, id FROM names")
        self._names: dict[str, int] = dict(rows)
        self._new_names: deque[tuple[int, str]] = deque()
        self._next_name = count(max(self._names.values(), default=0) + 1)
        self._next_id = count(self._one("SELECT COALESCE(MAX(id), 0) FROM reserved") + 1)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def name(self, text: str) -> int:
        """The id of a name of a model, a question or a cell; a new one is written with the rows."""
        if (found := self._names.get(text)) is None:
            found = self._names[text] = next(self._next_name)
            self._new_names.append((found, text))
        return found

    def next_id(self) -> int:
        """The id of the next call to be reserved."""
        return next(self._next_id)

    def write(self, ops: Iterable[Op]) -> None:
        """Write rows in one transaction, and wait until they are on the disk.

        Raises RunError when they cannot be written: none of them is then.
        """
        rows: dict[type, list[tuple[Any, ...]]] = defaultdict(list)
        drawn, shown = [], list[tuple[int, int, str]]()
        for op in ops:
            rows[type(op)].append(_ROW[type(op)](op))
            if isinstance(op, Ended) and op.draw is not None:
                question, model, i = op.draw
                drawn.append((model, question, i, op.id))
            elif isinstance(op, Read) and op.odds:
                shown.append((op.reader, op.id, json.dumps(op.odds)))
        names = [self._new_names.popleft() for _ in range(len(self._new_names))]
        try:
            with self._db:
                self._db.executemany("INSERT INTO names VALUES (?, ?)", names)
                for kind, insert in _INSERT.items():
                    if rows[kind]:
                        self._db.executemany(insert, rows[kind])
                self._db.executemany("INSERT INTO draws VALUES (?, ?, ?, ?)", drawn)
                self._db.executemany("INSERT INTO odds VALUES (?, ?, ?)", shown)
        except sqlite3.Error as error:
            self._new_names.extendleft(reversed(names))
            raise RunError(
                f"{self.path} cannot be written ({error}): make room, then run the same again; "
                "what is in it stays."
            ) from error

    # One call at a time, for those who make few; a run writes many rows at a time with `write`.

    def reserve(
        self, model: str, question: str, i: int, cell: str, *, worst: float, attempt: int = 0
    ) -> int:
        """Set the worst case of a call aside, in dollars; the id is for `settle` or `fail`."""
        ids = (self.name(model), self.name(question), i, self.name(cell))
        row = Reserved(self.next_id(), *ids, attempt, parts(worst), time.time())
        self.write([row])
        return row.id

    def settle(
        self, id: int, cost: float, answered: Answered, latency: float | None = None
    ) -> None:
        """Write a reply as it came, and what it cost. Raises RunError for a draw that is paid."""
        draw = self.rows("SELECT question, model, i FROM reserved WHERE id = ?", id)[0]
        self.write([Raw(id, answered), Ended(id, draw, parts(cost), latency)])

    def fail(self, id: int, cost: float, fault: str) -> None:
        """Write that a call brought no reply, why, and what it cost all the same."""
        self.write([Ended(id, None, parts(cost), None, fault)])

    def spent(self, model: str | None = None) -> float:
        """Dollars that count against the cap: what was paid, and what is reserved at its worst."""
        return sum(cost for (name, _), (cost, _) in self.costs().items() if model in (None, name))

    def costs(self) -> dict[tuple[str, str], tuple[float, int]]:
        """For each (model, question) the dollars that count, and how many draws were paid."""
        name = self.name_of()
        return {
            (name[model], name[question]): (cost / PARTS, paid)
            for model, question, cost, paid in self.rows(_SPENT)
        }

    def draws(self, question: str) -> Iterator[DrawRow]:
        """Yield every paid reply to a question, in order of model and draw."""
        found = self._db.execute(_DRAWS, (self._names.get(question, -1),))
        for model, asked, i, cell, status, body, cost, latency, asked_at, attempt in found:
            answered = Answered(status, unpacked(body))
            yield DrawRow(model, asked, i, cell, answered, cost / PARTS, latency, asked_at, attempt)

    def stops(self) -> dict[tuple[str, str], Stop]:
        """How each (model, question) ended, in the latest run that came to an end."""
        return {
            (model, question): Stop(model, question, **json.loads(said))
            for model, question, said in self.rows(_STOPS)
        }

    def odds(self, reader: int) -> dict[tuple[str, str], dict[int, Odds]]:
        """(model, question) -> number of a draw -> odds that it came with, as `reader` read it."""
        name = self.name_of()
        found: dict[tuple[str, str], dict[int, Odds]] = defaultdict(dict)
        for model, question, i, law in self.rows(_ODDS, reader):
            found[name[model], name[question]][i] = tuple(json.loads(law))
        return found

    def faults(self) -> dict[str, int]:
        """What calls without a reply came to, each with how often."""
        rows = self.rows(
            "SELECT fault, COUNT(*) AS n FROM ended WHERE paid = 0 GROUP BY fault ORDER BY n DESC"
        )
        return dict(rows)

    # What a survey is: written once.

    def agree(self, config: Mapping[str, Any]) -> bool:
        """Write the configuration, or demand that it is the one which stands here.

        Returns True where one stood here. Raises RunError that names each key that differs.
        """
        wanted = {name: json.dumps(value, sort_keys=True) for name, value in config.items()}
        stands = dict(self.rows("SELECT name, value FROM config"))
        if not stands:
            with self._db:
                self._db.executemany("INSERT INTO config VALUES (?, ?)", wanted.items())
            return False
        old, new = ({n: json.loads(v) for n, v in each.items()} for each in (stands, wanted))
        if changes := list(changed(old, new)):
            raise RunError(
                f"{self.path} holds another survey ({'; '.join(changes)}): go on with the recorded "
                "one, or choose another folder."
            )
        return True

    def begin_run(self, record: Mapping[str, Any]) -> None:
        """Write what a run was begun with that the next one may have otherwise, as JSON values."""
        told = {"at": time.time(), **record}
        self.write([Note("run", 0, 0, len(self.runs()), json.dumps(told))])

    def runs(self) -> list[dict[str, Any]]:
        """What each run was begun with, in order; `at` in seconds since 1970."""
        rows = self.rows("SELECT said FROM notes WHERE kind = 'run' ORDER BY id")
        return [json.loads(said) for (said,) in rows]

    def config(self) -> dict[str, Any]:
        """The configuration, empty before there is one."""
        return {n: json.loads(v) for n, v in self.rows("SELECT name, value FROM config")}

    def keep_models(self, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Write what is known of each model, once, as JSON values."""
        known = {row[0] for row in self.rows("SELECT name FROM models")}
        ids = {self.name(model): record for model, record in records.items()}
        self.write([])
        with self._db:
            self._db.executemany(
                "INSERT INTO models VALUES (?, ?)",
                [(id, json.dumps(r, sort_keys=True)) for id, r in ids.items() if id not in known],
            )

    def models(self) -> dict[str, Any]:
        """What is known of each model, in the order in which they were written."""
        name = self.name_of()
        return {name[i]: json.loads(r) for i, r in self.rows("SELECT name, record FROM models")}

    # For the other files that read this ledger.

    def name_of(self) -> dict[int, str]:
        """Names of models, questions and cells by their ids."""
        return {id: name for name, id in self._names.items()}

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises RunError where the file is damaged."""
        with _read(self.path):
            return self._db.execute(query, values).fetchall()

    def columns(self, query: str, *values: Any) -> npt.NDArray[np.int64]:
        """The rows of a query of C whole numbers as an array (C, rows), read piece by piece."""
        with _read(self.path):
            found = self._db.execute(query, values)
            pieces = [np.zeros((len(found.description), 0), dtype=np.int64)]
            while rows := found.fetchmany(_CHUNK):
                pieces.append(np.array(rows, dtype=np.int64).T)
        return np.concatenate(pieces, axis=1)

    def _one(self, query: str) -> int:
        found: int = self.rows(query)[0][0]
        return found


_ROW: Mapping[type, Callable[[Any], tuple[Any, ...]]] = {
    Reserved: lambda r: (
        *(r.id, r.model, r.question, r.i, r.cell),
        *(r.attempt, r.worst, r.asked_at),
    ),
    Raw: lambda r: (r.id, r.answered.status, packed(r.answered.text)),
    Ended: lambda r: (r.id, int(r.draw is not None), r.cost, r.latency, r.fault),
    Read: lambda r: (r.reader, r.id, r.kind, r.outcome, r.position, r.mark),
    Note: lambda r: (r.kind, r.model, r.question, r.i, r.said),
}


@contextmanager
def _read(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:  # a trigger's refusal, not a damaged file
        raise
    except sqlite3.DatabaseError as error:
        raise RunError(
            f"{path} cannot be read ({error}): put a copy of it in its place; what can be rescued "
            "of a damaged file, `sqlite3 FILE .recover` prints."
        ) from error


def _opened(path: Path, read_only: bool) -> sqlite3.Connection:
    if read_only and not path.exists():
        raise RunError(f"{path} is not there: run the survey first, or name its folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        db = sqlite3.connect(path, check_same_thread=False)
        db.execute("PRAGMA busy_timeout = 10000")
        if read_only:
            db.execute("PRAGMA query_only = ON")
        else:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        fresh = version == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone()
        if fresh and not read_only:
            db.executescript(f"BEGIN; {SCHEMA} COMMIT;")
            version = FORMAT
    except sqlite3.Error as error:
        raise RunError(f"{path} cannot be opened as a survey ({error}).") from error
    if fresh and read_only:
        raise RunError(f"{path} holds nothing yet: its run ended before it began. Run it again.")
    if version != FORMAT:
        raise RunError(
            f"{path} is no survey of this version of evenodds (its format is {version}, not "
            f"{FORMAT}): choose another file."
        )
    return db
