"""From a survey's ledger to its tables: nothing is asked, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evenodds.errors import RunError
from evenodds.measure.equivalence import Verdict
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered, reply_of
from evenodds.survey.analysis.tables import CellFacts, Ints, Table, Tables
from evenodds.survey.copies import copies, reply_mark
from evenodds.survey.interfaces import coded
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.odds import offers_odds
from evenodds.survey.question import SurveyCell, SurveyQuestion
from evenodds.survey.reading import read
from evenodds.survey.store import Store
from evenodds.survey.store_rows import PARTS, Stop, unpacked

__all__ = ["tables_of"]

MICRO = 1e6
_DRAWS = """
SELECT d.model, d.i, r.cell, d.id FROM draws d JOIN reserved r ON r.id = d.id
WHERE d.question = {0} ORDER BY d.model, d.i"""
_PAID = """
SELECT d.id, e.cost, CAST(COALESCE(e.latency, 0) * 1000000 AS INTEGER), 0
FROM draws d JOIN ended e ON e.id = d.id WHERE d.question = {0} ORDER BY d.id"""
_READ = """
SELECT x.id, x.kind, x.outcome, x.position, x.mark FROM draws d CROSS JOIN readings x
ON x.id = d.id AND x.reader = {1} WHERE d.question = {0} ORDER BY x.id"""
"""A cross join keeps SQLite from going through all readings for every draw."""
_RAW = "SELECT status, body FROM raw WHERE id = ?"


def tables_of(
    store: Store, questions: Mapping[str, SurveyQuestion], *, whole: bool = False
) -> Tables:
    """The tables of all questions that a ledger holds and `questions` knows.

    Replies that the latest reader has not read are read here. Of each model the draws that its
    verdict used, or all of them if `whole`. Raises RunError for a ledger without draws of these
    questions.
    """
    reader = _reader(store)
    infos = {name: ModelInfo.from_json(record) for name, record in store.models().items()}
    found = [_table(store, q, reader, whole) for q in questions.values()]
    tables = tuple(_with_odds(t, store, questions[t.question], infos) for t in found if len(t))
    if not tables:
        raise RunError(f"{store.path} holds no draw of {', '.join(questions)}: run the survey.")
    spent: dict[str, float] = {}
    for (model, _), (dollars, _) in store.costs().items():
        spent[model] = spent.get(model, 0.0) + dollars
    return Tables(tables, infos, spent, {}, store.faults())


def _reader(store: Store) -> int:
    """The version of the latest reader."""
    return int(store.rows("SELECT COALESCE(MAX(reader), 0) FROM readings")[0][0])


def _table(store: Store, question: SurveyQuestion, reader: int, whole: bool) -> Table:
    number = store.name(question.name)
    names = store.name_of()
    model, i, cell, ids = store.columns(_DRAWS.format(number))
    paid = store.columns(_PAID.format(number))
    readings = store.columns(_READ.format(number, int(reader)))
    kind, outcome, position, mark = _readings(store, question, (ids, cell), readings, names)
    order = np.searchsorted(paid[0], ids)
    models, place = np.unique(model, return_inverse=True)
    cells, at = np.unique(cell, return_inverse=True)
    by_name = np.argsort(np.argsort([names[int(m)] for m in models])) if len(models) else place
    rows = np.lexsort((i, by_name[place])) if len(models) else place
    stops = {m: s for (m, q), s in store.stops().items() if q == question.name}
    stopping = store.config().get("stopping", {"rule": ""})
    table = Table(
        question.name,
        tuple(map(str, question.law.support)),
        np.array(list(question.law.probs().values())),
        tuple(sorted(names[int(m)] for m in models)),
        tuple(_facts(question, names[int(c)]) for c in cells),
        by_name[place][rows],
        i[rows],
        np.asarray(at)[rows],
        kind[rows],
        outcome[rows],
        position[rows],
        (paid[1, order] / PARTS)[rows],
        (paid[2, order] / MICRO)[rows],
        question.places if question.positions else 0,
        bool(stopping),
        {name: stop.why for name, stop in stops.items()},
        _together(stopping, stops),
        pooled=bool(stopping) and stopping.get("rule") == "e_bh_all",
    )
    table = _drawn(table, mark[rows])
    return table if whole else table.first({name: stop.at for name, stop in stops.items()})


def _drawn(table: Table, mark: Ints) -> Table:
    """The table without copies of earlier replies."""
    copied = np.zeros(len(table), dtype=bool)
    for at in range(len(table.models)):
        rows = table.rows(at)
        copied[rows] = copies(mark[rows])
    return replace(table.kept(~copied), copied=int(copied.sum())) if copied.any() else table


def _with_odds(
    table: Table, store: Store, question: SurveyQuestion, infos: Mapping[str, ModelInfo]
) -> Table:
    """The table with the odds that its draws came with, where the run asked for any."""
    if not store.config().get("logprobs"):
        return table
    shown = store.odds(_reader(store)).items()
    odds = {model: found for (model, asked), found in shown if asked == question.name}
    showing = (m for m in table.models if m in infos and offers_odds(infos[m].supported, question))
    return replace(table, showing=frozenset(showing), odds=odds)


def _together(
    stopping: Mapping[str, object] | None, stops: Mapping[str, Stop]
) -> dict[str, Verdict]:
    """The verdicts of a run under rule e-BH."""
    if not stopping or stopping.get("rule") not in ("e_bh", "e_bh_all"):
        return {}
    known: dict[str, Verdict] = {"fair": "fair", "biased": "biased"}
    return {name: known.get(stop.verdict, "undecided") for name, stop in stops.items()}


def _facts(question: SurveyQuestion, key: str) -> CellFacts:
    cell = question.by_key.get(key)
    if cell is None:
        return CellFacts(key)
    return CellFacts(key, cell.phrasing, cell.label_set, cell.order)


def _readings(
    store: Store,
    question: SurveyQuestion,
    draws: tuple[Ints, Ints],
    readings: Ints,
    names: Mapping[int, str],
) -> tuple[Ints, Ints, Ints, Ints]:
    """Kind, outcome, position and mark of each reply (ids, cells); what is not read yet is read."""
    ids, cells = draws
    place = np.searchsorted(readings[0], ids)
    there = place < readings.shape[1]
    there[there] = readings[0][place[there]] == ids[there]
    found = np.full((4, len(ids)), -1, dtype=np.int64)
    found[:, there] = readings[1:, place[there]]
    for at in np.flatnonzero(~there).tolist():
        cell = question.by_key.get(names[int(cells[at])])
        found[:, at] = _read_raw(store, question, cell, int(ids[at]))
    return found[0], found[1], found[2], found[3]


def _read_raw(
    store: Store, question: SurveyQuestion, cell: SurveyCell | None, id: int
) -> Sequence[int]:
    status, body = store.rows(_RAW, id)[0]
    if cell is None:
        raise RunError(
            f"A draw of {question.name!r} was asked in a cell that the question no longer has: "
            "analyse it with the questions that it was run with."
        )
    try:
        reply = reply_of(Answered(status, unpacked(body)))
    except Fault as fault:
        raise RunError(f"A paid reply to {question.name!r} is none ({fault}).") from fault
    kind, outcome, position, _ = coded(read(question, cell, reply))
    return kind, outcome, position, reply_mark(reply.raw)
