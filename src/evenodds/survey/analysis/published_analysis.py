"""What the coin article's two tables support, and what they do not.

The tables hold the 20 least and the 20 most biased of about 240 models. The other 200 are not
published; for ranks they stand at even steps between the two tables. Which way a model leans is not
published either: signs are random, which leaves |bias| as it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import binom, fisher_exact

from evenodds.measure.equivalence import fair_p
from evenodds.survey.analysis.analysis import Settings
from evenodds.survey.analysis.covariate_matrix import matrix
from evenodds.survey.analysis.estimates import posterior
from evenodds.survey.analysis.ranking import ranked
from evenodds.survey.analysis.regression import Regression, naive, regression
from evenodds.survey.analysis.tables import Ints, counted_table
from evenodds.survey.analysis.tails import Tails, tails
from evenodds.survey.analysis.verdicts import judge_counts
from evenodds.survey.published import Published, published

__all__ = ["Demo", "DemoRow", "demo"]

MODELS, LISTED, WORLDS = 240, 20, 5
FAIR = np.array([0.5, 0.5])


@dataclass(frozen=True)
class DemoRow:
    """One published row: what was printed, and what it says of the model.

    `low`, `high`: the 95% interval of its rank among 240, `near`: P(|bias| < eps), `first`, `last`:
    P(among the 20 least, most biased). `verdict`: by itself, `together` among all 240.
    """

    model: str
    table: str
    bias: float
    k: int
    n: int
    shrunken: float
    low: int
    high: int
    near: float
    first: float
    last: float
    verdict: str
    together: str


@dataclass(frozen=True)
class Demo:
    """The published tables, analysed.

    `chance`: P(a fair coin shows at most the least table's largest bias in as many draws);
    `expected`: so many of 240 fair models would be in that table. `certifiable`: the least eps
    that any outcome of those draws could certify. `least_width`: mean rank interval of the 20 least
    biased, `most_width` of the 20 most, with the other 200 where the tables leave them;
    `even_width`: that of the 20 that show least bias if all 240 biases are spread evenly over 0 to
    .5. `effects`: of traits on the 40 rows, which are two tails; `naive`: contrast -> p-value of a
    plain binomial regression of the same rows. `roleplay`: tuned for role-play in either table, and
    Fisher's exact p-value.
    """

    rows: tuple[DemoRow, ...]
    models: int
    eps: float
    alpha: float
    printed: float
    draws: int
    chance: float
    expected: float
    certifiable: float
    least_width: tuple[float, float]
    most_width: tuple[float, float]
    even_width: tuple[float, float]
    effects: Regression
    naive: dict[str, float]
    roleplay: tuple[int, int, float]
    tails: Tails
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """The demo as JSON values."""
        return asdict(self)


def demo(settings: Settings | None = None) -> Demo:
    """Analyse the published tables."""
    asked = settings or Settings()
    rows = published()
    counts = _signed(rows, asked.seed)
    drawn = posterior(np.vstack([counts, _unpublished(rows)]), FAIR, seed=asked.seed, draws=2_000)
    ranks, near = ranked(drawn, len(rows) // 2, asked.seed), drawn.within(asked.eps)
    table = counted_table("published", [row.id for row in rows], counts, FAIR)
    judged = judge_counts(table, eps=asked.eps, alpha=asked.alpha, others=MODELS - len(rows))
    found = [
        DemoRow(
            *(row.id, row.table, row.bias, row.k, row.n, float(drawn.mean[at])),
            *(int(ranks.low[at]), int(ranks.high[at]), float(near[at])),
            *(float(ranks.first[at]), float(ranks.last[at])),
            *(judged[at].verdict, judged[at].together),
        )
        for at, row in enumerate(rows)
    ]
    worst = max((row for row in rows if row.table == "least"), key=lambda row: row.bias)
    chance = _chance(worst)
    infos = {row.id: row.info for row in rows}
    traits = matrix(list(infos), infos, asked.contrasts)
    k, n = (np.array([getattr(row, name) for row in rows], dtype=float) for name in ("k", "n"))
    p_naive = naive(k, n, traits.x)
    return Demo(
        tuple(found),
        MODELS,
        asked.eps,
        asked.alpha,
        worst.bias,
        worst.n,
        chance,
        MODELS * chance,
        _certifiable(worst.n, asked.alpha),
        _width(found, "least"),
        _width(found, "most"),
        _even_width(worst.n, asked.seed),
        _no_findings(
            regression(drawn.mean[: len(rows)], traits, alpha=asked.alpha, seed=asked.seed)
        ),
        {column.name: float(p) for column, p in zip(traits.columns, p_naive, strict=True)},
        _roleplay(rows),
        tails(seed=asked.seed),
        asked.seed,
    )


def _signed(rows: tuple[Published, ...], seed: int) -> Ints:
    """Counts (M, 2), the commoner outcome on a random side."""
    both = np.array([[row.k, row.n - row.k] for row in rows], dtype=np.int64)
    turned = np.random.default_rng(seed).random(len(rows)) < 0.5
    return np.asarray(np.where(turned[:, None], both[:, ::-1], both))


def _unpublished(rows: tuple[Published, ...]) -> Ints:
    """Counts of the 200 models between the tables: even steps of bias, both signs in turn."""
    least = max(row.bias for row in rows if row.table == "least")
    most = min(row.bias for row in rows if row.table == "most")
    n, many = int(np.median([row.n for row in rows])), MODELS - len(rows)
    bias = least + (most - least) * (np.arange(many) + 0.5) / many
    side = np.where(np.arange(many) % 2 == 0, 1.0, -1.0)
    k = np.rint(n * (0.5 + side * bias)).astype(np.int64)
    return np.asarray(np.stack([k, n - k], axis=1))


def _chance(worst: Published) -> float:
    """P(a fair coin shows at most this bias in as many draws), exactly."""
    return float(binom.cdf(worst.k, worst.n, 0.5) - binom.cdf(worst.n - worst.k - 1, worst.n, 0.5))


def _certifiable(n: int, alpha: float) -> float:
    """The least eps, in steps of .001, that the evenest outcome of n draws certifies."""
    x = np.array([n // 2, n - n // 2], dtype=np.int64)
    steps = np.arange(1, 500) / 1000
    return float(next(eps for eps in steps if fair_p(x, FAIR, 0, float(eps)) <= alpha))


def _width(rows: list[DemoRow], table: str) -> tuple[float, float]:
    found = np.array([(row.low, row.high) for row in rows if row.table == table])
    low, high = found.mean(axis=0)
    return float(low), float(high)


def _even_width(n: int, seed: int) -> tuple[float, float]:
    """Mean rank interval of the 20 least biased to look at, in worlds of evenly spread biases."""
    found = []
    for world in range(WORLDS):
        rng = np.random.default_rng((seed, world))
        k = rng.binomial(n, rng.uniform(0.0, 1.0, MODELS)).astype(np.int64)
        shown = np.argsort(abs(k / n - 0.5), kind="stable")[:LISTED]
        drawn = posterior(np.stack([k, n - k], axis=1), FAIR, seed=world, draws=500)
        ranks = ranked(drawn, LISTED, world)
        found.append([ranks.low[shown].mean(), ranks.high[shown].mean()])
    low, high = np.mean(found, axis=0)
    return float(low), float(high)


def _no_findings(effects: Regression) -> Regression:
    """The effects, none of them a finding: the rows were chosen by what is explained."""
    return replace(effects, effects=tuple(replace(e, finding=False) for e in effects.effects))


def _roleplay(rows: tuple[Published, ...]) -> tuple[int, int, float]:
    """Rows tuned for role-play in the least and in the most biased table, Fisher's p-value."""
    found = {
        table: [bool(row.info.value("roleplay")) for row in rows if row.table == table]
        for table in ("least", "most")
    }
    having = [sum(found[table]) for table in ("least", "most")]
    tested = np.array([[h, len(found[t]) - h] for h, t in zip(having, found, strict=True)])
    return having[0], having[1], float(fisher_exact(tested).pvalue)
