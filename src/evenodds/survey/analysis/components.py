"""Bias that stays when everything is averaged, and bias within prompts, without sampling noise.

Each call of a survey draws its cell at random, so cells hold few draws, and unequal numbers. Two
different draws of a model, with outcomes as unit vectors e less the target t, have a product whose
mean is ||q - t||^2 over whatever they share by design; half of it is the square that
`measure.prompting.components` splits, (p - 1/2)^2 for a coin. So, averaged over pairs of draws:

- `marginal`: all pairs: the bias of the average over phrasings, labels and orders;
- `within`: pairs of one cell: the mean squared bias of single prompts, everything included;
- `phrasing`, `labels`: pairs of one phrasing (of one label set) less all pairs;
- `position`: all pairs, with places in the order shown instead of outcomes;
- `interaction`: what is left of `within`.

Every part is unbiased for draws whose number was fixed before, whatever the number in each cell,
and below 0 by chance where there is none. With equal numbers in every cell `within` is the inner
part of `Parts.unbiased("total")` there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.tables import Ints, Table

__all__ = ["Components", "components"]


@dataclass(frozen=True)
class Components:
    """Unbiased mean squares of one model; None where no two draws share what a part needs."""

    marginal: float | None = None
    within: float | None = None
    phrasing: float | None = None
    labels: float | None = None
    position: float | None = None
    interaction: float | None = None

    def bias(self, part: str) -> float | None:
        """The root mean square of a part, 0 where the estimate is below 0; a probability."""
        square: float | None = getattr(self, part)
        return None if square is None else float(np.sqrt(max(0.0, square)))

    def to_json(self) -> dict[str, float | None]:
        """The mean squares as JSON values."""
        return asdict(self)


def components(table: Table) -> tuple[Components, ...]:
    """The parts of each model's bias, from its valid draws."""
    levels = {
        "phrasing": _levels([cell.phrasing for cell in table.cells]),
        "labels": _levels([cell.labels for cell in table.cells]),
        "cell": np.arange(len(table.cells)),
    }
    valid = table.kept(table.outcome >= 0)
    found: dict[str, Floats] = {"all": _pairs(valid, np.zeros(len(table.cells), dtype=np.int64))}
    found |= {name: _pairs(valid, level) for name, level in levels.items()}
    found["position"] = _place_pairs(valid)
    many = len(table.models)
    return tuple(_split({name: value[m] for name, value in found.items()}) for m in range(many))


def _levels(names: list[str]) -> Ints:
    return np.asarray(np.unique(np.array(names), return_inverse=True)[1], dtype=np.int64)


def _split(means: Mapping[str, float]) -> Components:
    every, cell = means["all"], means["cell"]
    phrasing, labels = means["phrasing"] - every, means["labels"] - every
    parts = {"marginal": every, "within": cell, "phrasing": phrasing, "labels": labels}
    parts["position"] = means["position"]
    parts["interaction"] = cell - every - phrasing - labels - means["position"]
    return Components(**{n: None if np.isnan(v) else float(v) for n, v in parts.items()})


def _pairs(table: Table, level: Ints) -> Floats:
    """Half the mean product over pairs of draws of a model in one level: (M,), nan for no pair."""
    return _pair_means(
        table.model, level[table.cell], table.outcome, len(table.models), table.target
    )


def _place_pairs(table: Table) -> Floats:
    """The same for places instead of outcomes, all pairs; nan where places are not known."""
    if table.places < 2:
        return np.full(len(table.models), np.nan)
    placed = table.kept(table.position >= 0)
    even = np.full(placed.places, 1 / placed.places)
    nothing = np.zeros(len(placed), dtype=np.int64)
    return _pair_means(placed.model, nothing, placed.position, len(placed.models), even)


def _pair_means(model: Ints, level: Ints, outcome: Ints, many: int, target: Floats) -> Floats:
    """From the counts x of each group: sum over pairs of e_i . e_j is sum x (x - 1)."""
    width = int(level.max(initial=0)) + 1
    group, place = np.unique(model * width + level, return_inverse=True)
    x, n, cross = _squares(place, outcome, len(group), target)
    pairs = n * (n - 1)
    product = x - 2 * (n - 1) * cross + pairs * float(target @ target)
    owner = group // width
    total = np.bincount(owner, product, minlength=many)
    weight = np.bincount(owner, pairs, minlength=many)
    return np.asarray(np.where(weight > 0, total / np.maximum(weight, 1.0) / 2, np.nan))


def _squares(
    place: Ints, outcome: Ints, groups: int, target: Floats
) -> tuple[Floats, Floats, Floats]:
    """Of each group: sum_k x_k (x_k - 1), n, and sum_k x_k t_k."""
    pair, count = np.unique(place * len(target) + outcome, return_counts=True)
    same = np.bincount(pair // len(target), count * (count - 1.0), minlength=groups).astype(float)
    n = np.bincount(place, minlength=groups).astype(np.float64)
    cross = np.bincount(place, target[outcome], minlength=groups).astype(float)
    return same, n, cross
