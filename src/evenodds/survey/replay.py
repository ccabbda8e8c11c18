"""What a ledger holds of the past, as arrays: a million draws in seconds; and reading it anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from evenodds.models.endpoint_shared import Answered
from evenodds.survey.store import Store
from evenodds.survey.store_rows import Ended, Odds, Read, Replayed, unpacked

__all__ = ["Past", "Unread", "past", "read_anew", "settle_arrived"]

Key = tuple[str, str]


@dataclass(frozen=True)
class Past:
    """What a run goes on from; keys are (model, question).

    `spent` is in billionths of a dollar, open reservations at their worst; `draws` are readings in
    order of i; `attempts` counts the calls ever reserved; `lost` are draws given up; `declined`
    are models that refused structured output.
    """

    spent: Mapping[Key, int]
    draws: Mapping[Key, Replayed]
    attempts: Mapping[Key, int]
    lost: Mapping[Key, frozenset[int]]
    declined: frozenset[str]


@dataclass(frozen=True)
class Unread:
    """A reply without a reading: which draw it is of, and what came."""

    id: int
    model: str
    question: str
    i: int
    cell_key: str
    answered: Answered


def past(store: Store, reader: int) -> Past:
    """Return what a ledger holds, with the readings of one version of the reader."""
    name = store.name_of()
    lost, declined = _notes(store, name)
    spent, attempts = dict[Key, int](), dict[Key, int]()
    for model, question, cost, calls in store.rows(_COSTS):
        key = (name[model], name[question])
        spent[key], attempts[key] = cost, calls
    return Past(spent, _replayed(store, reader, name), attempts, lost, declined)


_COSTS = """
SELECT r.model, r.question, SUM(COALESCE(e.cost, r.worst)), COUNT(*)
FROM reserved r LEFT JOIN ended e ON e.id = r.id GROUP BY r.model, r.question"""


_READ = "SELECT id, kind, outcome, position, mark FROM readings WHERE reader = ? ORDER BY id"
_UNREAD = """
SELECT e.id, m.name, q.name, r.i, c.name, w.status, w.body
FROM ended e JOIN raw w ON w.id = e.id JOIN reserved r ON r.id = e.id
JOIN names m ON m.id = r.model JOIN names q ON q.id = r.question JOIN names c ON c.id = r.cell
WHERE e.paid = 1 AND e.id > ? AND NOT EXISTS
  (SELECT 1 FROM readings x WHERE x.reader = ? AND x.id = e.id)
ORDER BY e.id LIMIT 5000"""


def _notes(
    store: Store, name: Mapping[int, str]
) -> tuple[dict[Key, frozenset[int]], frozenset[str]]:
    lost: dict[Key, set[int]] = defaultdict(set)
    for model, question, i in store.rows(
        "SELECT model, question, i FROM notes WHERE kind = 'lost'"
    ):
        lost[name[model], name[question]].add(i)
    declined = store.rows("SELECT model FROM notes WHERE kind = 'declined'")
    found = {key: frozenset(each) for key, each in lost.items()}
    return found, frozenset(name[row[0]] for row in declined)


def _replayed(store: Store, reader: int, name: Mapping[int, str]) -> dict[Key, Replayed]:
    """The readings of each (model, question): two scans, joined by the id of the call."""
    draws = store.columns("SELECT id, model, question, i FROM draws ORDER BY question, model, i")
    read = store.columns(_READ, reader)
    place = np.searchsorted(read[0], draws[0])
    there = place < read.shape[1]
    there[there] = read[0][place[there]] == draws[0][there]
    draws, read = draws[:, there], read[:, place[there]]
    odds = store.odds(reader)
    change = np.flatnonzero(np.any(draws[1:3, 1:] != draws[1:3, :-1], axis=0)) + 1
    edges = [0, *change.tolist(), draws.shape[1]] if draws.shape[1] else [0]
    return {
        (name[int(draws[1, a])], name[int(draws[2, a])]): Replayed(
            draws[3, a:b].copy(),
            read[1, a:b].astype(np.int8),
            read[2, a:b].astype(np.int32),
            read[3, a:b].astype(np.int16),
            read[4, a:b].copy(),
            odds.get((name[int(draws[1, a])], name[int(draws[2, a])]), {}),
        )
        for a, b in pairwise(edges)
    }


def read_anew(
    store: Store, reader: int, read: Callable[[Unread], tuple[int, int, int, Odds, int]]
) -> int:
    """Read every reply that this version of the reader has not read; how many there were.

    `read` gives (kind, outcome, position), -1 for none, the odds and the mark. Nothing is paid.
    """
    done = last = 0
    while rows := store.rows(_UNREAD, last, reader):
        found = [_unread(row) for row in rows]
        store.write([Read(reader, each.id, *read(each)) for each in found])
        done, last = done + len(rows), found[-1].id
    return done


def _unread(row: tuple[Any, ...]) -> Unread:
    id, model, question, i, cell, status, body = row
    return Unread(id, model, question, i, cell, Answered(status, unpacked(body)))


def settle_arrived(
    store: Store, settle: Callable[[Unread, int], tuple[int, bool, str | None]]
) -> int:
    """Settle the calls whose answer was kept just before the process was killed; how many.

    `settle` is given the answer and the reserved worst case in parts, and returns (cost in parts,
    whether it is a reply, the fault where it is none).
    """
    rows = store.rows("""
        SELECT w.id, r.model, r.question, r.i, c.name, w.status, w.body, r.worst
        FROM raw w JOIN reserved r ON r.id = w.id JOIN names c ON c.id = r.cell
        WHERE w.id NOT IN (SELECT id FROM ended)""")
    name, ops = store.name_of(), list[Ended]()
    for id, model, question, i, cell, status, body, worst in rows:
        came = Unread(id, name[model], name[question], i, cell, Answered(status, unpacked(body)))
        cost, replied, fault = settle(came, worst)
        draw = (question, model, i) if replied else None
        ops.append(Ended(id, draw, cost, None, fault))
    store.write(ops)
    return len(ops)
