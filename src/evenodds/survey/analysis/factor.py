"""What forcing an answer into a schema does to its law: the two arms of a question, model by model.

`NAME` and `NAME_structured` ask in the same words, the second with a JSON schema. They are compared
over the prompts that both ask (the cells KEY and KEY.json); within them each call drew its cell at
random, so an arm's draws are independent, of the mean law of these cells.

Does the law change? See `two_laws`; over models, Benjamini & Hochberg, which on p = 1 / e is e-BH.
How much? `tv` between the arms' laws, and the change in bias (tv to the target, structured less
free), each with an interval in which each arm has half of alpha. All hold whenever an arm stopped.
But arms that stopped when their verdict was clear have few draws of the most biased models: to
measure the schema, ask both for a number of draws that is fixed before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.measure.multiple import adjusted_p
from evenodds.survey.analysis.clustered import MeanOver, mean_over
from evenodds.survey.analysis.covariate_matrix import organisation
from evenodds.survey.analysis.estimates import posterior
from evenodds.survey.analysis.rows import tv_interval
from evenodds.survey.analysis.tables import Ints, Table, Tables
from evenodds.survey.analysis.two_laws import same_law_p, tv_between

__all__ = ["ArmEffect", "SchemaEffect", "schema_effects"]

ARM, KEY = "_structured", ".json"


@dataclass(frozen=True)
class ArmEffect:
    """One model: valid draws, bias (tv to the target) and share of invalid replies of either arm.

    `tv` between the arms' laws and `change` in bias (structured less free), with their intervals;
    `p_value` against "the schema changes nothing", `p_adjusted` over all models.
    """

    model: str
    free: int
    structured: int
    bias_free: float
    bias_structured: float
    invalid_free: float
    invalid_structured: float
    tv: float
    tv_low: float
    tv_high: float
    change: float
    change_low: float
    change_high: float
    p_value: float
    p_adjusted: float
    finding: bool


@dataclass(frozen=True)
class SchemaEffect:
    """A question with and without a schema, over `cells` prompts that both arms ask.

    `mean`: the mean change in bias over models, of estimates given all draws (so that noise does
    not pass for bias); `invalid`: that of the share of invalid replies. None without models.
    """

    question: str
    structured: str
    cells: int
    alpha: float
    sequential: bool
    models: tuple[ArmEffect, ...]
    mean: MeanOver | None
    invalid: MeanOver | None

    def number(self, sign: int) -> int:
        """How many models are found to be changed towards more (1) or less (-1) bias."""
        return sum(each.finding and each.change * sign > 0 for each in self.models)

    def to_json(self) -> dict[str, Any]:
        """The effect as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> SchemaEffect:
        """Rebuild what `to_json` wrote."""
        made = dict(record)
        made["models"] = tuple(ArmEffect(**each) for each in made["models"])
        for name in ("mean", "invalid"):
            made[name] = None if made[name] is None else MeanOver(**made[name])
        return cls(**made)


def schema_effects(
    tables: Tables, *, alpha: float = 0.05, seed: int = 0
) -> tuple[SchemaEffect, ...]:
    """Every question of a survey of which both arms were asked."""
    by_name = {table.question: table for table in tables.tables}
    pairs = [(t, by_name[n + ARM]) for n, t in by_name.items() if n + ARM in by_name]
    found = (_effect(*pair, tables, alpha, seed) for pair in pairs)
    return tuple(each for each in found if each.cells)


def _effect(free: Table, forced: Table, tables: Tables, alpha: float, seed: int) -> SchemaEffect:
    shared = {cell.key for cell in free.cells} & {
        cell.key.removesuffix(KEY) for cell in forced.cells if cell.key.endswith(KEY)
    }
    arms = (_within(free, shared, ""), _within(forced, shared, KEY))
    both = [m for m in arms[0].models if all(_valid(arm, m) for arm in arms)]
    sequential = free.sequential or forced.sequential
    rows = _rows(arms, both, sequential, alpha, seed)
    groups = [organisation(model, tables.infos) for model in both]
    mean = invalid = None
    if both:
        mean = mean_over(_shrunken_change(arms, both, seed), groups, alpha=alpha, seed=seed)
        less = np.array([row.invalid_structured - row.invalid_free for row in rows])
        invalid = mean_over(less, groups, alpha=alpha, seed=seed)
    names = (free.question, forced.question)
    return SchemaEffect(*names, len(shared), alpha, sequential, rows, mean, invalid)


def _shrunken_change(arms: tuple[Table, Table], models: Sequence[str], seed: int) -> Floats:
    """The change of each model's estimated bias, (M,): estimates given all draws of both arms.

    One prior for both arms makes the change as likely up as down where a schema does nothing; with
    a prior for each, its noise would be common to all models, and pass for an effect (15% of
    intervals missed 0 then, of 60 simulated surveys of 36 models). Real changes come out a little
    smaller than they are.
    """
    counts = np.vstack([arm.counts[[arm.place[model] for model in models]] for arm in arms])
    mean = posterior(counts, arms[0].target, seed=seed).mean
    return np.asarray(mean[len(models) :] - mean[: len(models)])


def _within(table: Table, keys: set[str], suffix: str) -> Table:
    """The draws in the cells of some keys."""
    shared = np.array([cell.key.removesuffix(suffix) in keys for cell in table.cells], dtype=bool)
    return table.kept(shared[table.cell])


def _valid(table: Table, model: str) -> bool:
    at = table.place.get(model)
    return at is not None and bool(table.counts[at].sum())


def _rows(
    arms: tuple[Table, Table], models: Sequence[str], sequential: bool, alpha: float, seed: int
) -> tuple[ArmEffect, ...]:
    pairs = [(arms[0].counts[arms[0].place[m]], arms[1].counts[arms[1].place[m]]) for m in models]
    p_values = [same_law_p(x, y, sequential=sequential, seed=seed) for x, y in pairs]
    rows = []
    for m, (x, y), p, adjusted in zip(models, pairs, p_values, adjusted_p(p_values), strict=True):
        biases, change = _change(x, y, arms[0].target, sequential, alpha)
        tv, low, high = tv_between(x, y, sequential, alpha)
        rows.append(
            ArmEffect(
                model=m,
                free=int(x.sum()),
                structured=int(y.sum()),
                bias_free=biases[0],
                bias_structured=biases[1],
                invalid_free=_invalid(arms[0], m),
                invalid_structured=_invalid(arms[1], m),
                tv=tv,
                tv_low=low,
                tv_high=high,
                change=change[0],
                change_low=change[1],
                change_high=change[2],
                p_value=p,
                p_adjusted=adjusted,
                finding=adjusted <= alpha,
            )
        )
    return tuple(rows)


def _invalid(arm: Table, model: str) -> float:
    """Share of a model's replies that are no outcome."""
    at = arm.place[model]
    return 1 - float(arm.counts[at].sum()) / int(arm.n[at])


def _change(
    x: Ints, y: Ints, target: Floats, sequential: bool, alpha: float
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """The bias of either arm; the change with its interval."""
    free, forced = (float(np.maximum(c / c.sum() - target, 0.0).sum()) for c in (x, y))
    a = tv_interval(x, target, free, alpha / 2, sequential)
    b = tv_interval(y, target, forced, alpha / 2, sequential)
    return (free, forced), (forced - free, b[0] - a[1], b[1] - a[0])
