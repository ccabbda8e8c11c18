"""Which wording, which labels, which order goes with most bias, over all models of a question.

A level's bias in one model is taken from pairs of its draws in that level: a mean square without
sampling noise, for a coin (p - 1/2)^2. `more` is how much it lies above that of the model's other
levels, on average over models. Whether it could be so by chance is told by putting the levels on
each model's draws at random (`marks`): exact where the factor does nothing in any model, also for
draws that decided how many there are; over a factor's levels by Benjamini & Hochberg. The interval
of the mean square is one over models like these, with organisations as what is independent
(`clustered`).
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
from evenodds.survey.analysis.marks import counts_by_mark, excess, marked_anew, mean_squares
from evenodds.survey.analysis.tables import Ints, Table, Tables
from evenodds.survey.question import SurveyQuestion

__all__ = ["FACTORS", "Level", "levels", "words_of"]

FACTORS = ("phrasing", "labels", "order")
LONGEST = 160


def shorten(words: str) -> str:
    """Words of at most `LONGEST` letters, with a mark where something was cut."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


@dataclass(frozen=True)
class Level:
    """A level of a factor: valid `draws` in it, and what it is, in `words`.

    `square`: mean over models of the squared bias in the level; `more`: of its excess over the
    model's other levels. `p_adjusted`: that the factor does nothing, over the factor's levels.
    """

    factor: str
    level: str
    words: str
    draws: int
    square: MeanOver
    more: float
    p_adjusted: float
    finding: bool

    @property
    def bias(self) -> float:
        """The root of the mean square, 0 where that is below 0; a probability."""
        return float(max(0.0, self.square.estimate) ** 0.5)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the root; None where there is none."""
        low, high = self.square.low, self.square.high
        if low is None or high is None:
            return None
        return float(max(0.0, low) ** 0.5), float(max(0.0, high) ** 0.5)

    def to_json(self) -> dict[str, Any]:
        """The level as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Level:
        """Rebuild what `to_json` wrote."""
        return cls(**{**record, "square": MeanOver(**record["square"])})


def levels(
    table: Table,
    tables: Tables,
    words: Mapping[tuple[str, str], str],
    *,
    alpha: float = 0.05,
    seed: int = 0,
) -> tuple[Level, ...]:
    """The levels of every factor that has several, the most biased of each factor first.

    `words`: (factor, level) -> what the level is.
    """
    valid = table.kept(table.outcome >= 0)
    groups = [organisation(model, tables.infos) for model in table.models]
    asked = _Asked(valid, words, groups, alpha, seed)
    found = []
    for factor in FACTORS:
        names = [str(getattr(cell, factor)) for cell in table.cells]
        if len(set(names)) > 1:
            found += asked.levels(factor, names)
    return tuple(found)


def words_of(question: SurveyQuestion) -> dict[tuple[str, str], str]:
    """(factor, level) -> what the level is: a prompt, labels, which label is named first."""
    found: dict[tuple[str, str], str] = {}
    for cell in question.cells:
        found.setdefault(("phrasing", cell.phrasing), " ".join(cell.task.prompt.split()))
        found.setdefault(("labels", cell.label_set), "/".join(cell.labels))
        found.setdefault(("order", str(cell.order)), f"outcome {cell.order + 1} is named first")
    return found


@dataclass(frozen=True)
class _Asked:
    """Valid draws, and what is wanted of them; `groups`: the organisation of each model."""

    valid: Table
    words: Mapping[tuple[str, str], str]
    groups: Sequence[str]
    alpha: float
    seed: int

    def levels(self, factor: str, names: Sequence[str]) -> list[Level]:
        """The levels of one factor; `names` (cells,) says which each cell has."""
        known, level = np.unique(np.array(names), return_inverse=True)
        table, shape = self.valid, (len(self.groups), len(known), len(self.valid.target))
        mark = np.asarray(level, dtype=np.int64)[table.cell]
        counts = counts_by_mark(table.model, mark, table.outcome, shape)
        square, pairs = mean_squares(counts.astype(np.float64), table.target)
        away = excess(square, pairs)
        told = [at for at in range(len(known)) if not np.isnan(away[:, at]).all()]
        p_values = self._p_values(counts, away)[told].tolist()
        rows = []
        for at, p in zip(told, adjusted_p(p_values), strict=True):
            words = shorten(self.words.get((factor, str(known[at])), str(known[at])))
            mean = self._mean(square[:, at], away[:, at])
            more, drawn = float(np.nanmean(away[:, at])), int(counts[:, at].sum())
            rows.append(Level(factor, str(known[at]), words, drawn, mean, more, p, p <= self.alpha))
        return sorted(rows, key=lambda row: (-row.square.estimate, row.level))

    def _mean(self, square: Floats, away: Floats) -> MeanOver:
        both = np.flatnonzero(~np.isnan(away))
        who = [self.groups[m] for m in both.tolist()]
        found = mean_over(square[both], who, alpha=self.alpha, seed=self.seed)
        assert found is not None, "a level without models"
        return found

    def _p_values(self, counts: Ints, away: Floats) -> Floats:
        """Of each level, (L,): how often marks put at random lie as far from the others."""
        seen = abs(np.nansum(away, axis=0))
        as_far, many = np.ones(len(seen)), 1
        for each in marked_anew(counts, np.random.default_rng(self.seed)):
            drawn = excess(*mean_squares(each.astype(np.float64), self.valid.target))
            as_far += abs(np.nansum(drawn, axis=0)) >= seen * (1 - 1e-9) - 1e-12
            many += 1
        return np.asarray(as_far / many)
