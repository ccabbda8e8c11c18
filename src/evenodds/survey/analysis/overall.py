"""How models stand over all questions of a survey: the mean of their shrunken tv, and its rank.

The posterior draws of one question are averaged with those of the others, draw by draw, so that the
intervals of the means and of the ranks carry what is unsure in every question. A model counts where
it gave a valid answer; one that answered only some questions is compared on those, and the table
says how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.estimates import FEWEST, Posterior
from evenodds.survey.analysis.ranking import ranked
from evenodds.survey.analysis.rows import ModelRow

__all__ = ["OverallRow", "Standings", "overall"]


@dataclass(frozen=True)
class OverallRow:
    """One model over `questions` questions that it answered.

    `tv` with `low`, `high` (95%): the mean of its shrunken tv over them; `excess_tv` the mean of
    what its draws show beyond a perfect sampler's. `rank_low` to `rank_high`: 95% interval of the
    rank of `tv`, 1 the least. `fair`, `biased`, `undecided` count verdicts, each by itself; `n`
    draws, `invalid` the share of them without an outcome; `cost` in dollars.
    """

    model: str
    questions: int
    tv: float
    low: float
    high: float
    excess_tv: float
    rank_low: int
    rank_high: int
    fair: int
    biased: int
    undecided: int
    n: int
    invalid: float
    cost: float


class Standings:
    """Sums of posterior draws over questions, of each model that gave a valid answer."""

    def __init__(self) -> None:
        self._sums: dict[str, Floats] = {}
        self._many: dict[str, int] = {}

    def add(self, models: Sequence[str], drawn: Posterior) -> None:
        """Take in a question: `models` name the columns of its posterior draws."""
        picked = np.linspace(0, len(drawn.tv) - 1, FEWEST).astype(np.int64)
        for model, tv in zip(models, drawn.tv[picked].T, strict=True):
            self._sums[model] = self._sums.get(model, np.zeros(FEWEST)) + tv
            self._many[model] = self._many.get(model, 0) + 1

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in order of their names."""
        return tuple(sorted(self._sums))

    @property
    def posterior(self) -> Posterior:
        """Draws of each model's mean tv, columns in the order of `models`."""
        means = [self._sums[name] / self._many[name] for name in self.models]
        return Posterior(np.stack(means, axis=1), np.ones(len(means), dtype=np.bool_))


def overall(
    rows: Mapping[str, Sequence[ModelRow]], standings: Standings, seed: int = 0
) -> tuple[OverallRow, ...]:
    """A row for each model, least tv first; `rows` holds those of each question.

    Empty for a survey of one question, and where no answer was valid.
    """
    if len(rows) < 2 or not standings.models:
        return ()
    each: dict[str, list[ModelRow]] = {name: [] for name in standings.models}
    for row in (row for found in rows.values() for row in found):
        if row.valid:
            each[row.model].append(row)
    drawn = standings.posterior
    place, (low, high), mean = ranked(drawn, seed=seed), drawn.interval(), drawn.mean
    found = []
    for at, model in enumerate(standings.models):
        told = float(mean[at]), float(low[at]), float(high[at])
        found.append(_row(model, each[model], told, (int(place.low[at]), int(place.high[at]))))
    return tuple(sorted(found, key=lambda row: (row.tv, row.model)))


def _row(
    model: str,
    rows: Sequence[ModelRow],
    tv: tuple[float, float, float],
    rank: tuple[int, int],
) -> OverallRow:
    verdicts = [row.verdict for row in rows]
    n, excess = sum(row.n for row in rows), [row.excess_tv or 0.0 for row in rows]
    return OverallRow(
        model,
        len(rows),
        tv=tv[0],
        low=tv[1],
        high=tv[2],
        excess_tv=float(np.mean(excess)),
        rank_low=rank[0],
        rank_high=rank[1],
        fair=verdicts.count("fair"),
        biased=verdicts.count("biased"),
        undecided=verdicts.count("undecided"),
        n=n,
        invalid=1 - sum(row.valid for row in rows) / n,
        cost=sum(row.cost for row in rows),
    )
