"""What a survey cost: by model, the dearest first, and what stopping early saved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evenodds.survey.analysis.tables import Table, Tables

__all__ = ["Costs", "ModelCost", "Saving", "costs", "saving"]


@dataclass(frozen=True)
class ModelCost:
    """One model: dollars in all, share of the survey's, paid draws and valid ones, and their price.

    `spent` counts failed calls and open reservations, `paid` only what brought a reply. `a_draw`:
    dollars a valid draw, None where there was none. `seconds`: median latency.
    """

    model: str
    spent: float
    share: float
    paid: float
    draws: int
    valid: int
    a_draw: float | None
    seconds: float | None


@dataclass(frozen=True)
class Costs:
    """The costs of all models, the dearest first, and of all together; `faults`: calls lost."""

    models: tuple[ModelCost, ...]
    spent: float
    paid: float
    draws: int
    valid: int
    half: int
    faults: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The costs as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Saving:
    """Draws of one question, beside those of a fixed design that can certify a fair sampler.

    `fixed`: draws a model of that design; None where none does. `times`: how many times fewer
    draws were taken; `dollars`: what the others would have cost at each model's mean price.
    """

    draws: int
    fixed: int | None
    times: float | None
    dollars: float | None


def costs(tables: Tables) -> Costs:
    """What each model cost over all questions."""
    rows = [_model_cost(tables, name) for name in _models(tables)]
    spent = sum(row.spent for row in rows)
    shown = sorted(
        (ModelCost(**{**vars(row), "share": row.spent / spent if spent else 0.0}) for row in rows),
        key=lambda row: (-row.spent, row.model),
    )
    running = np.cumsum([row.spent for row in shown])
    half = int((running < spent / 2).sum()) + 1 if spent else 0
    return Costs(
        tuple(shown),
        spent,
        sum(row.paid for row in rows),
        sum(row.draws for row in rows),
        sum(row.valid for row in rows),
        half,
        dict(tables.faults),
    )


def _models(tables: Tables) -> list[str]:
    every = [name for table in tables.tables for name in table.models]
    return list(dict.fromkeys([*every, *tables.spent]))


def _model_cost(tables: Tables, name: str) -> ModelCost:
    paid, draws, valid, seconds = 0.0, 0, 0, list[float]()
    for table in tables.tables:
        if name not in table.place:
            continue
        rows = table.rows(table.place[name])
        paid += float(table.cost[rows].sum())
        draws += rows.stop - rows.start
        valid += int((table.outcome[rows] >= 0).sum())
        seconds += table.latency[rows].tolist()
    spent = max(paid, tables.spent.get(name, paid))
    median = float(np.median(seconds)) if seconds else None
    return ModelCost(name, spent, 0.0, paid, draws, valid, paid / valid if valid else None, median)


def saving(table: Table, fixed: int | None) -> Saving:
    """What was saved against `fixed` draws of every model; more draws than that save nothing."""
    n = table.n
    if fixed is None or not n.sum():
        return Saving(int(n.sum()), fixed, None, None)
    price = np.bincount(table.model, table.cost, minlength=len(n)) / np.maximum(n, 1)
    left = np.maximum(fixed - n, 0)
    times = fixed * int((n > 0).sum()) / int(n.sum())
    return Saving(int(n.sum()), fixed, float(times), float((left * price)[n > 0].sum()))
