"""What is said of one model on one question, and how it is put together from the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import log, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np

from evenodds.measure.anytime import share_sequence
from evenodds.measure.cells import Floats
from evenodds.measure.equivalence import Verdict
from evenodds.measure.floor import expected_tv
from evenodds.measure.interval import any_outcomes, clopper_pearson, two_outcomes
from evenodds.survey.analysis.components import Components
from evenodds.survey.analysis.estimates import Posterior
from evenodds.survey.analysis.ranking import Ranks
from evenodds.survey.analysis.tables import Ints, Table
from evenodds.survey.analysis.verdicts import Judged
from evenodds.survey.analysis.weighed import Weighed, mean_sequence
from evenodds.survey.reading import KINDS

__all__ = ["ModelRow", "Share", "model_rows", "tv_interval"]


@dataclass(frozen=True)
class Share:
    """A share with its interval, which holds at any stopping time where the draws decided it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ModelRow:
    """One model on one question.

    `n` draws, of which `kinds` says what they were; `counts` (K,) of the outcomes among `valid`.
    `tv` (for two outcomes |share - p|) is that of the valid draws, or of the odds that they came
    with where `judged.shown` says so and they are trusted; `low` to `high` its interval, `floor`
    what a perfect sampler shows on average at as many draws, `excess_tv` the difference;
    `total_tv` counts invalid replies as missing mass. `favourite`: the outcome that is most above
    its probability. `first_place`: share of answers that stood first in the order shown.

    `shrunken` with `shrunken_low`, `shrunken_high` (95%): the estimate given all models; `near`:
    P(tv < eps). `rank_low` to `rank_high`: the 95% interval of the rank, 1 the least biased, among
    all models that gave a valid answer; `first`, `last`: P(among the `top` least, most biased).
    All None, and no rank, where no answer was valid. `why`: how its part of the run ended.
    """

    model: str
    judged: Judged
    n: int
    valid: int
    kinds: Mapping[str, int]
    counts: tuple[int, ...]
    tv: float | None
    low: float
    high: float
    floor: float | None
    excess_tv: float | None
    total_tv: float | None
    favourite: int | None
    invalid: Share | None
    first_place: Share | None
    shrunken: float | None
    shrunken_low: float | None
    shrunken_high: float | None
    near: float | None
    rank_low: int | None
    rank_high: int | None
    first: float | None
    last: float | None
    components: Components
    cost: float
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        """The verdict on this model by itself."""
        return self.judged.verdict

    def to_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> ModelRow:
        """Rebuild a row that `to_json` wrote."""
        made = dict(record)
        made["counts"] = tuple(made["counts"])
        made["judged"] = Judged(**made["judged"])
        made["components"] = Components(**made["components"])
        for name in ("invalid", "first_place"):
            made[name] = None if made[name] is None else Share(**made[name])
        return cls(**made)


def model_rows(
    table: Table,
    judged: Sequence[Judged],
    parts: Sequence[Components],
    posterior: Posterior,
    ranks: Ranks,
    *,
    eps: float,
    alpha: float,
    shown: Mapping[int, Weighed] = MappingProxyType({}),
) -> tuple[ModelRow, ...]:
    """A row for each model of the table; `posterior` and `ranks` are of those with valid draws.

    `shown`: index of a model -> the odds that it showed (see `weighed`).
    """
    near, mean, (low, high) = posterior.within(eps), posterior.mean, posterior.interval()
    place = dict(
        zip(np.flatnonzero(table.counts.sum(axis=1) > 0).tolist(), range(len(mean)), strict=True)
    )
    rows = []
    for m, model in enumerate(table.models):
        x, n, at = table.counts[m], int(table.n[m]), place.get(m)
        odds = shown.get(m)
        said = _Said.of(x, table, alpha) if odds is None else _Said.by_odds(odds, table, alpha)
        placed, where = table.at_places[m], table.rows(m)
        rows.append(
            ModelRow(
                model,
                judged[m],
                n,
                int(x.sum()),
                {k: int(c) for k, c in zip(KINDS, table.kinds[m], strict=True) if c},
                tuple(x.tolist()),
                **vars(said.cut(judged[m], eps)),
                total_tv=float(np.maximum(table.target - x / n, 0.0).sum()) if n else None,
                invalid=_share(n - int(x.sum()), n, alpha, table.sequential),
                first_place=_first_place(placed, table, alpha),
                shrunken=None if at is None else float(mean[at]),
                shrunken_low=None if at is None else float(low[at]),
                shrunken_high=None if at is None else float(high[at]),
                near=None if at is None else float(near[at]),
                rank_low=None if at is None else int(ranks.low[at]),
                rank_high=None if at is None else int(ranks.high[at]),
                first=None if at is None else float(ranks.first[at]),
                last=None if at is None else float(ranks.last[at]),
                components=parts[m],
                cost=float(table.cost[where].sum()),
                why=table.why.get(model, ""),
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class _Said:
    """What the valid draws of one model say by themselves, or the odds that they came with."""

    tv: float | None
    low: float
    high: float
    floor: float | None
    excess_tv: float | None
    favourite: int | None

    @classmethod
    def of(cls, x: Ints, table: Table, alpha: float) -> _Said:
        n, p = int(x.sum()), table.target
        if not n:
            return cls(None, 0.0, 1.0, None, None, None)
        away = x / n - p
        tv, floor = float(np.maximum(away, 0.0).sum()), expected_tv(p, n)
        low, high = tv_interval(x, p, tv, alpha, table.sequential)
        favourite = int(np.argmax(away)) if tv > 1e-12 else None
        return cls(tv, low, high, floor, tv - floor, favourite)

    @classmethod
    def by_odds(cls, odds: Weighed, table: Table, alpha: float) -> _Said:
        n, p = round(float(odds.counts.sum())), table.target
        away = odds.mean - p
        tv, floor = float(np.maximum(away, 0.0).sum()), expected_tv(p, n)
        if len(p) == 2:
            low, high = _away(*mean_sequence(odds.x[:, 0], alpha), float(p[0]))
        else:
            low, high = _many_interval(tv, p, len(odds.x), alpha)
        favourite = int(np.argmax(away)) if tv > 1e-12 else None
        return cls(tv, low, high, floor, tv - floor, favourite)

    def cut(self, judged: Judged, eps: float) -> _Said:
        """The same with an interval that says no less than the verdict, where both can be true.

        A verdict and an interval come from tests of their own, so a fair model's interval might
        reach beyond eps. What is fair lies within eps and what is biased for its outcomes beyond,
        each wrongly with probability at most alpha; so a cut interval misses with at most 2 alpha.
        For a coin it is below alpha still (tests/survey/test_survey_intervals.py computes it).
        """
        if judged.verdict == "fair" and self.tv is not None and self.tv <= eps < self.high:
            return replace(self, high=eps)
        outcomes = judged.verdict == "biased" and judged.part in ("", "marginal")
        if outcomes and self.tv is not None and self.low < eps <= self.tv:
            return replace(self, low=eps)
        return self


def tv_interval(
    x: Ints, p: Floats, tv: float, alpha: float, sequential: bool
) -> tuple[float, float]:
    """Interval of the tv between the law behind counts x (K,) and p (K,), 1 - alpha.

    `sequential`: at any stopping time. Of more than two outcomes that is McDiarmid's bound at
    alpha / (n (n + 1)) for each n.
    """
    n, k = int(x.sum()), int(x[0])
    if len(p) != 2 and sequential:
        return _many_interval(tv, p, n, alpha)
    if len(p) != 2:
        return any_outcomes(tv, n, _fair_quantile(p.tobytes(), n, alpha), alpha)
    if not sequential:
        return two_outcomes(k, n, float(p[0]), alpha)
    low, high = share_sequence(k, n, alpha)
    return _away(low, high, float(p[0]))


def _many_interval(tv: float, p: Floats, n: int, alpha: float) -> tuple[float, float]:
    """McDiarmid's bound, for draws and for odds, each of which moves tv by at most 1/n.

    No law on the support of p is further from it than 1 less its least probability.
    """
    half = sqrt(log(2 * n * (n + 1) / alpha) / (2 * n))
    return max(0.0, tv - expected_tv(p, n) - half), min(1 - float(p.min()), tv + half)


def _away(low: float, high: float, p: float) -> tuple[float, float]:
    """How near and how far from p a share between low and high may be."""
    ends = float(abs(low - p)), float(abs(high - p))
    return 0.0 if low <= p <= high else min(ends), max(ends)


@lru_cache(maxsize=2048)
def _fair_quantile(p: bytes, n: int, alpha: float, tables: int = 2_000) -> float:
    """Upper alpha/2 quantile of the tv of n fair draws, simulated with a fixed seed."""
    target = np.frombuffer(p)
    x = np.random.default_rng(0).multinomial(n, target / target.sum(), size=tables)
    tv = np.maximum(x / n - target, 0.0).sum(axis=1)
    return float(np.quantile(tv, 1 - alpha / 2, method="higher"))


def _share(k: int, n: int, alpha: float, sequential: bool) -> Share | None:
    if not n:
        return None
    low, high = share_sequence(k, n, alpha) if sequential else clopper_pearson(k, n, alpha)
    return Share(k / n, low, high)


def _first_place(placed: Ints, table: Table, alpha: float) -> Share | None:
    if table.places < 2:
        return None
    return _share(int(placed[0]), int(placed.sum()), alpha, table.sequential)
