"""Which wording, which labels, which order goes with most bias, over all models of a question.

A level's bias in one model is taken from pairs of its draws in that level, as in `components`: a
mean square without sampling noise, for a coin (p - 1/2)^2. `more` is how much it lies above that of
the model's other draws pairwise in other levels. Each call drew its cell independently of all that
came before, so where a factor does nothing the levels are mere marks put on the draws at random,
and `more` is 0 on average even where the draws decided how many there are. Over models it is
judged with organisations as what is independent (`clustered`), over a factor's levels by
Benjamini & Hochberg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.measure.multiple import adjusted_p
from evenodds.survey.analysis.clustered import MeanOver, mean_over
from evenodds.survey.analysis.components import group_means
from evenodds.survey.analysis.covariate_matrix import organisation
from evenodds.survey.analysis.tables import Ints, Table, Tables
from evenodds.survey.question import SurveyQuestion

__all__ = ["FACTORS", "Level", "levels", "words_of"]

FACTORS = ("phrasing", "labels", "order")
LONGEST = 160


@dataclass(frozen=True)
class Level:
    """A level of a factor: valid `draws` in it, and what it is, in `words`.

    `square`: mean over models of the squared bias in the level; `more`: of its excess over the
    model's other levels. `p_adjusted`: that `more` is 0, over the factor's levels; None where too
    few organisations were asked to tell.
    """

    factor: str
    level: str
    words: str
    draws: int
    square: MeanOver
    more: MeanOver
    p_adjusted: float | None
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
        means = {name: MeanOver(**record[name]) for name in ("square", "more")}
        return cls(**{**record, **means})


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
        square, pairs = group_means(self.valid, np.asarray(level, dtype=np.int64), len(known))
        drawn = np.bincount(level[self.valid.cell], minlength=len(known))
        made: list[_Made] = []
        for at, name in enumerate(known.tolist()):
            if (means := self._means(square, pairs, at)) is not None:
                told = self.words.get((factor, name), name)[:LONGEST]
                made.append((name, told, int(drawn[at]), *means))
        rows = [
            Level(factor, *each, p, p is not None and p <= self.alpha)
            for each, p in zip(made, _adjusted(made), strict=True)
        ]
        return sorted(rows, key=lambda row: (-row.square.estimate, row.level))

    def _means(self, square: Floats, pairs: Ints, at: int) -> tuple[MeanOver, MeanOver] | None:
        """Over models: the mean square in a level, and its excess over the other levels."""
        rest = _rest(square, pairs, at)
        both = np.flatnonzero((pairs[:, at] > 0) & ~np.isnan(rest))
        who = [self.groups[m] for m in both.tolist()]
        mean = mean_over(square[both, at], who, alpha=self.alpha, seed=self.seed)
        more = mean_over(square[both, at] - rest[both], who, alpha=self.alpha, seed=self.seed)
        return None if mean is None or more is None else (mean, more)


_Made = tuple[str, str, int, MeanOver, MeanOver]


def _adjusted(made: Sequence[_Made]) -> Sequence[float | None]:
    """p-values over the levels; None for all where one cannot be told."""
    p_values = [each[-1].p_value for each in made]
    known = [p for p in p_values if p is not None]
    return adjusted_p(known) if len(known) == len(made) else [None] * len(made)


def _rest(square: Floats, pairs: Ints, at: int) -> Floats:
    """The mean square of each model's other levels, by their pairs: (M,), nan for none."""
    others = np.delete(np.nan_to_num(square), at, axis=1)
    weight = np.delete(pairs, at, axis=1).astype(np.float64)
    whole = weight.sum(axis=1)
    return np.where(whole > 0, (others * weight).sum(axis=1) / np.maximum(whole, 1.0), np.nan)
