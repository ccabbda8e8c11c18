"""The coin article's table: the 20 least and the 20 most biased models of about 240.

They are the two tails of one ranking: an effect of a covariate that is estimated from them is an
artefact of the selection. The bias is printed, the counts are not: `counts` holds all that print so
with 38 to 50 draws, `k` and `n` those whose n is nearest to 46, the median of the rows that only
one pair of counts explains. In which direction a model leans was not published. Covariates follow
from the name, are well known (its makers say so), or stand in the article; what is not
certain, such as whether a model that can think did, is unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from evenodds.measure.printed import counts_behind
from evenodds.survey.covariates import from_name, read_covariates
from evenodds.survey.listing import organisation_of
from evenodds.survey.model_info import Covariate, ModelInfo

__all__ = ["DRAWS", "Published", "published"]

DRAWS = range(38, 51)
"""Draws that may stand behind a row: "about 50", less what failed."""
_DECIMALS = {"least": 3, "most": 2}
_MEDIAN = 46


@dataclass(frozen=True)
class Published:
    """A row: the id, |mean - .5| as printed, and in which of the two tables it stands.

    `k` of `n` draws were the commoner outcome; `counts` are all pairs (k, n) that print so.
    """

    id: str
    printed: str
    table: str
    covariates: Mapping[str, Covariate]

    @property
    def bias(self) -> float:
        """The printed bias, 0 to .5."""
        return float(self.printed)

    @property
    def counts(self) -> tuple[tuple[int, int], ...]:
        """All (k, n) that print as this bias with the decimals of its table."""
        return _counts(f"{self.bias:.{_DECIMALS[self.table]}f}")

    @property
    def k(self) -> int:
        """How many of the `n` draws were the commoner outcome."""
        return self._likeliest[0]

    @property
    def n(self) -> int:
        """How many draws there were, most plausibly."""
        return self._likeliest[1]

    @property
    def _likeliest(self) -> tuple[int, int]:
        return min(self.counts, key=lambda pair: (abs(pair[1] - _MEDIAN), pair[1]))

    @property
    def info(self) -> ModelInfo:
        """The model, as a catalogue holds it."""
        return ModelInfo(self.id, organisation_of(self.id), covariates=self.covariates)


@cache
def published() -> tuple[Published, ...]:
    """The 40 rows, in the article's order: 20 least biased, then 20 most biased."""
    text = (files("evenodds.survey") / "data" / "published.csv").read_text("utf-8")
    return tuple(_row(row) for row in csv.DictReader(text.splitlines()))


def _row(row: Mapping[str, str]) -> Published:
    stated = read_covariates({name: cell for name, cell in row.items() if cell}, row["id"])
    known = {name: _known(each) for name, each in stated.items()}
    return Published(row["id"], row["bias"], row["table"], {**from_name(row["id"]), **known})


def _known(each: Covariate) -> Covariate:
    return Covariate(each.value, "well known") if each.source == "file" else each


@cache
def _counts(printed: str) -> tuple[tuple[int, int], ...]:
    return tuple(counts_behind(printed, DRAWS))
