"""Verdicts of whole arrays are those of showing a stopper one reading after the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.survey.analysis.tables import CellFacts, Table
from evenodds.survey.analysis.verdicts import LEAST_ALPHA, judge_draws
from evenodds.survey.question import QUESTIONS
from evenodds.survey.reading import KINDS, Reading
from evenodds.survey.stopping import Bounds, Stopper

HOW = {"eps": 0.2, "alpha": 0.05, "minimum": 5}


def drawn(name: str, models: int, seed: int, shown: bool) -> Table:
    """Draws of models from nearly fair to constant, some of them invalid, with gaps in numbers."""
    rng, question = np.random.default_rng(seed), QUESTIONS[name]
    k = len(question.law.probs())
    n = rng.integers(0, 160, models)
    model = np.repeat(np.arange(models), n)
    laws = rng.dirichlet(np.ones(k), models) * rng.random((models, 1)) ** 2
    laws = laws + (1 - laws.sum(axis=1, keepdims=True)) / k
    outcome = np.array([rng.choice(k, p=laws[m]) for m in model], dtype=np.int64)
    invalid = rng.random(len(model)) < (rng.random(models) ** 4)[model]
    outcome[invalid] = -1
    position = np.where(invalid, -1, rng.integers(0, k, len(model)))
    i = np.concatenate([[], *(np.cumsum(rng.integers(1, 3, each)) for each in n)]).astype(np.int64)
    names = tuple(f"m{m}" for m in range(models))
    odds = {
        names[m]: {int(at): tuple(laws[m].tolist()) for at in i[model == m] if at % 3}
        for m in range(0, models, 2)
    }
    return Table(
        name,
        tuple(map(str, question.law.support)),
        np.array(list(question.law.probs().values())),
        names,
        (CellFacts("all"),),
        model,
        i,
        np.zeros(len(model), dtype=np.int64),
        invalid.astype(np.int64),
        outcome,
        position,
        np.zeros(len(model)),
        np.zeros(len(model)),
        k,
        showing=frozenset(odds) if shown else frozenset(),
        odds=odds if shown else {},
    )


def one_by_one(table: Table, alpha: float, model: int) -> Stopper:
    """The oracle: a stopper that was shown a model's readings until it was done."""
    how = {**HOW, "alpha": alpha, "cap": max(1, int(table.n.max()))}
    how["minimum"] = min(5, int(how["cap"]))
    stopper = Stopper(QUESTIONS[table.question], showing=table.showing, bounds=Bounds(), **how)  # type: ignore[arg-type]
    name, rows = table.models[model], table.rows(model)
    columns = (table.i, table.kind, table.outcome, table.position)
    for i, kind, outcome, position in zip(*(c[rows].tolist() for c in columns), strict=True):
        if stopper.done(name):
            break
        found = Reading(
            KINDS[kind], None if outcome < 0 else outcome, None if position < 0 else position
        )
        stopper.see(name, i, replace(found, odds=table.odds.get(name, {}).get(i, ())))
    return stopper


@pytest.mark.parametrize("name", ["coin", "coin_article", "die"])
@given(seed=st.integers(0, 2**32), shown=st.booleans())
@settings(max_examples=10, deadline=None)
def test_verdicts_are_those_of_one_reading_after_the_other(
    name: str, seed: int, shown: bool
) -> None:
    table = drawn(name, 5, seed, shown)
    judged = judge_draws(table, QUESTIONS[name], bounds=Bounds(), **HOW)  # type: ignore[arg-type]
    for at, (model, found) in enumerate(zip(table.models, judged, strict=True)):
        stands = one_by_one(table, HOW["alpha"], at).standing(model)
        assert (found.verdict, found.used, found.part) == (stands.verdict, stands.n, stands.part)
        whole = stands.n == table.n[at]
        logs = one_by_one(table, HOW["alpha"] if whole else LEAST_ALPHA, at).log_e(model)
        assert (found.log_biased, found.log_fair) == logs


def test_draws_after_a_verdict_change_the_evidence_and_not_the_verdict() -> None:
    table = drawn("coin", 8, 3, shown=False)
    judged = judge_draws(table, QUESTIONS["coin"], bounds=Bounds(), **HOW)  # type: ignore[arg-type]
    early = [m for m, each in enumerate(judged) if each.used < table.n[m]]
    assert early
    cut = table.first({table.models[m]: judged[m].used for m in early})
    again = judge_draws(cut, QUESTIONS["coin"], bounds=Bounds(), **HOW)  # type: ignore[arg-type]
    assert [each.verdict for each in again] == [each.verdict for each in judged]
    assert any(again[m].log_biased != judged[m].log_biased for m in early)
