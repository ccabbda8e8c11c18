"""Biased, fair within eps, or undecided: of each model by itself, and of all of them together.

By itself: the errors of one model's verdict are at most alpha. Among hundreds of models some of
those verdicts are then wrong. Together: of all models called biased (and of all called fair) at
most a share alpha is wrong on average, by Benjamini & Hochberg's procedure, the models' draws being
independent. The p-values of counts whose number was fixed before are exact; those of draws that
stopped when they liked, each model by its own, are inverses of e-processes, and then the number of
true hypotheses is estimated (`adaptive_bh`); without that, e-values which stop at 1/alpha seldom
reach the bar of e-BH, m/(k alpha). Runs under a rule of e-BH keep the verdicts of that rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenodds.measure.equivalence import Verdict, biased_p, fair_p
from evenodds.measure.multiple import adaptive_bh, benjamini_hochberg
from evenodds.survey.analysis.tables import Table
from evenodds.survey.question import SurveyQuestion
from evenodds.survey.stopping import Bounds, Stopper

__all__ = ["Judged", "judge_counts", "judge_draws"]

LEAST_ALPHA = 1e-300


@dataclass(frozen=True)
class Judged:
    """The verdict on one model by itself, and the one together with all others.

    `used`: draws up to the verdict. `log_biased`, `log_fair`: log e-values (nats) of all draws
    against "within all bounds" and "beyond one"; None where counts were judged, by `p_biased` and
    `p_fair`. `part`: marginal, position or invalid: what weighs most against a biased
    model, or keeps an undecided one from being fair.
    `shown`: how many of the draws came with their odds; `trusted`: whether the draws agree with
    them (see `survey.stopping_odds`).
    """

    verdict: Verdict
    together: Verdict
    used: int
    log_biased: float | None = None
    log_fair: float | None = None
    p_biased: float | None = None
    p_fair: float | None = None
    part: str = ""
    shown: int = 0
    trusted: bool = True


def judge_draws(
    table: Table,
    question: SurveyQuestion,
    *,
    eps: float,
    alpha: float,
    minimum: int,
    bounds: Bounds,
) -> tuple[Judged, ...]:
    """Judge each model by its draws in order, as a run's stopping does."""
    cap = max(1, int(table.n.max(initial=1)))
    shape: Any = {"minimum": min(minimum, cap), "cap": cap, "bounds": bounds}
    shape["showing"] = table.showing
    stopper = Stopper(question, eps=eps, alpha=alpha, **shape)
    endless = Stopper(question, eps=eps, alpha=LEAST_ALPHA, **shape)
    stands, logs = [], []
    for at, model in enumerate(table.models):
        seen = _shown(stopper, table, at)
        stands.append(stopper.standing(model))
        last = stopper if seen == table.n[at] else endless
        if last is endless:
            _shown(endless, table, at)
        logs.append(last.log_e(model))
    together = _together(*(adaptive_bh(_p_values(logs, side), alpha) for side in (0, 1)))
    each = zip(stands, together, logs, strict=True)
    return tuple(
        Judged(s.verdict, t, s.n, *log, part=s.part, shown=s.shown, trusted=s.trusted)
        for s, t, log in each
    )


def _shown(stopper: Stopper, table: Table, model: int) -> int:
    """Show a stopper the draws of a model, by its index, until it is done; how many it saw."""
    rows, name = table.rows(model), table.models[model]
    columns = (table.i, table.kind, table.outcome, table.position)
    return stopper.see_many(name, *(c[rows] for c in columns), odds=table.odds.get(name, {}))


def _p_values(logs: Sequence[tuple[float, float]], side: int) -> list[float]:
    """Inverses of the e-values of one side, at most 1."""
    return [float(np.exp(-max(0.0, pair[side]))) for pair in logs]


def judge_counts(
    table: Table, *, eps: float, alpha: float, others: int = 0, seed: int = 0
) -> tuple[Judged, ...]:
    """Judge each model by its counts of valid draws, whose number was fixed before.

    `others`: further models that were ranked with these and are not shown; they count among the
    hypotheses, with p-values of 1.
    """
    p = table.target
    pairs = [
        (biased_p(x, p, 0, eps, seed), fair_p(x, p, 0, eps)) if x.sum() else (1.0, 1.0)
        for x in table.counts
    ]
    rejected = [
        benjamini_hochberg([*(pair[side] for pair in pairs), *[1.0] * others], alpha)
        for side in (0, 1)
    ]
    together = _together(rejected[0][: len(pairs)], rejected[1][: len(pairs)])
    return tuple(
        Judged(_alone(*pair, alpha), t, int(x.sum()), p_biased=pair[0], p_fair=pair[1])
        for pair, t, x in zip(pairs, together, table.counts, strict=True)
    )


def _alone(biased: float, fair: float, alpha: float) -> Verdict:
    if fair <= alpha:
        return "fair"
    return "biased" if biased <= alpha else "undecided"


def _together(biased: Sequence[bool], fair: Sequence[bool]) -> list[Verdict]:
    return [
        "biased" if b and not f else "fair" if f and not b else "undecided"
        for b, f in zip(biased, fair, strict=True)
    ]
