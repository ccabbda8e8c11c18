"""Counted draws against a stated law: every statistic beside what a perfect sampler would show.

Answers that are no outcomes are an extra category of target mass 0. Total variation, the valid
rate and the omnibus p-value are about all answers; a perfect sampler never gives an invalid one,
so a single one makes the omnibus p-value 0. `tv_conditional`, the single tests and
`omnibus_conditional` are about the answers that are outcomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np

from evenodds.distributions import Law, Pmf
from evenodds.errors import DrawsError, TooLargeError
from evenodds.measure import cells
from evenodds.measure.cells import DISTANCES, TESTS, TWO_SIDED, Floats
from evenodds.measure.floor import expected, expected_tv
from evenodds.measure.gof import Tested, goodness_of_fit
from evenodds.measure.interval import ALPHA, any_outcomes, clopper_pearson, two_outcomes
from evenodds.measure.null import RESAMPLES, Null, null
from evenodds.measure.record import Statistic


@dataclass(frozen=True)
class Judgement:
    """The statistics of n answers, `invalid` of them no outcomes, and where p-values come from.

    `exact`: p-values sum the probabilities of all `tables`; otherwise `tables` were simulated.
    """

    n: int
    invalid: int
    statistics: dict[str, Statistic]
    exact: bool
    tables: int


def judge(
    counts: Mapping[Any, int],
    law: Law,
    *,
    invalid: int = 0,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Judgement:
    """Judge counts of outcomes against their law, `invalid` further answers being no outcomes.

    Outcomes off the support count as invalid. Raises DrawsError when there is no answer at all.
    A law too large to list is judged by validity, surprisal and number of distinct answers.
    """
    invalid += sum(many for outcome, many in counts.items() if not law.prob(outcome))
    valid = {outcome: many for outcome, many in counts.items() if many and law.prob(outcome)}
    if not invalid and not valid:
        raise DrawsError("no draws to judge: give at least one answer")
    try:
        pmf = law.pmf()
    except TooLargeError:
        from evenodds.measure.large import judge_large

        return judge_large(valid, law, invalid=invalid, seed=seed, resamples=resamples)
    return _judge_listed(valid, pmf, invalid, seed, resamples)


def _judge_listed(
    counts: Mapping[Any, int], pmf: Pmf[Any], invalid: int, seed: int, resamples: int
) -> Judgement:
    x = np.array([counts.get(outcome, 0) for outcome in pmf.support], dtype=np.float64)
    p = np.maximum([weight / pmf.total for _, weight in pmf.items()], 1e-300)
    n, whole = int(x.sum()), int(x.sum()) + invalid
    all_cells = {**TESTS, **DISTANCES}
    law = null(p, n, all_cells, seed=seed, resamples=resamples) if n else None
    full = law
    if invalid or law is None:
        full = null(p, whole, DISTANCES, seed=seed, resamples=resamples)
    assert full is not None
    statistics = _about_all(x, p, invalid, full)
    statistics["target_entropy"] = Statistic(pmf.entropy())
    if law is not None:
        statistics |= _about_outcomes(x, p, law, invalid, seed)
    else:
        statistics["omnibus"] = Statistic(None, p_value=0.0)
    return Judgement(whole, invalid, statistics, full.exact, full.tables)


def _about_all(x: Floats, p: Floats, invalid: int, law: Null) -> dict[str, Statistic]:
    """Statistics of all answers, invalid ones included."""
    n = int(x.sum()) + invalid
    tv = float(cells.tv(x, p, n).sum()) + invalid / n / 2
    js = float(cells.js(x, p, n).sum()) + invalid / n / 2 * log(2)
    fair, means = expected_tv(p, n), _means(p, n, law)
    low, high = _tv_interval(x, p, invalid, tv, law)
    with np.errstate(divide="ignore"):
        kl = float((p * np.log(p * n / x)).sum())
    debiased = _debiased(tv, law)
    return {
        "tv": Statistic(tv, low, high, fair, 0.0, law.quantile("tv", 0.95)),
        "excess_tv": Statistic(tv - fair, low - fair, high - fair, 0.0),
        "tv_debiased": Statistic(debiased, fair=0.0),
        "fairness": Statistic(_fairness(debiased, p), fair=1.0),
        "js": Statistic(js, fair=means["js"], fair_high=law.quantile("js", 0.95)),
        "kl_forward": Statistic(kl),
        "valid": valid_rate(n - invalid, n),
    }


def valid_rate(valid: int, n: int) -> Statistic:
    """The share of answers that are outcomes, with its exact interval; a perfect sampler has 1."""
    return Statistic(valid / n, *clopper_pearson(valid, n), 1.0, 1.0, 1.0)


def _tv_interval(x: Floats, p: Floats, invalid: int, tv: float, law: Null) -> tuple[float, float]:
    n = int(x.sum()) + invalid
    if len(p) == 1:
        return clopper_pearson(invalid, n)
    if len(p) == 2 and not invalid:
        return two_outcomes(int(x[0]), n, float(p[0]))
    return any_outcomes(tv, n, law.quantile("tv", 1 - ALPHA / 2))


def _debiased(tv: float, law: Null) -> float:
    """Root of T^2 less its mean under a perfect sampler: an effect to rank by at any n."""
    fair = float((law.values["tv"] ** 2 @ law.weights) / law.weights.sum())
    return sqrt(max(0.0, tv**2 - fair))


def _fairness(debiased: float, p: Floats) -> float:
    """1 for a perfect sampler, 0 for one that always gives the least likely outcome."""
    worst = 1.0 - float(p.min()) if len(p) > 1 else 1.0
    return max(0.0, 1.0 - debiased / worst)


def _about_outcomes(
    x: Floats, p: Floats, law: Null, invalid: int, seed: int
) -> dict[str, Statistic]:
    """Statistics of the answers that are outcomes."""
    n = int(x.sum())
    tv, means = float(cells.tv(x, p, n).sum()), _means(p, n, law)
    tests = goodness_of_fit(x, p, seed=seed, law=law)
    omnibus = tests.pop("omnibus")
    plain = Statistic(omnibus.value, p_value=omnibus.p_value, p_lower=omnibus.p_lower)
    kl = None if invalid else tests["g"].value / (2 * n)
    reverse = means["g"] / (2 * n)
    return {
        "tv_conditional": Statistic(
            tv, *_tv_interval(x, p, 0, tv, law), expected_tv(p, n), 0.0, law.quantile("tv", 0.95)
        ),
        "kl_reverse": Statistic(kl, fair=reverse, fair_high=law.quantile("g", 0.95) / (2 * n)),
        "entropy": _ranged("entropy", float(cells.entropy(x, p, n).sum()), means, law),
        "chi_square_divergence": Statistic(_chi_square_divergence(x, p), fair=0.0),
        **{name: _test(name, test, means, law) for name, test in tests.items()},
        "omnibus": Statistic(None, p_value=0.0) if invalid else plain,
        "omnibus_conditional": plain,
    }


def _chi_square_divergence(x: Floats, p: Floats) -> float | None:
    """Unbiased estimate of sum q^2 / p - 1: sum x (x - 1) / (n (n - 1) p) - 1."""
    n = float(x.sum())
    return float((x * (x - 1) / p).sum() / (n * (n - 1)) - 1) if n > 1 else None


def _test(name: str, test: Tested, means: Mapping[str, float], law: Null) -> Statistic:
    if name in TWO_SIDED:
        ranged = _ranged(name, test.value, means, law)
        low, high, fair = ranged.fair_low, ranged.fair_high, ranged.fair
    else:
        low, high, fair = None, law.quantile(name, 0.95), means[name]
    return Statistic(test.value, None, None, fair, low, high, test.p_value, test.p_lower)


def _ranged(name: str, observed: float, means: Mapping[str, float], law: Null) -> Statistic:
    low, high = law.quantile(name, ALPHA / 2), law.quantile(name, 1 - ALPHA / 2)
    return Statistic(observed, fair=means[name], fair_low=low, fair_high=high)


def _means(p: Floats, n: int, law: Null) -> dict[str, float]:
    """Expectations under a perfect sampler: exact by binomial sums where these are short."""
    known = {name: cell for name, cell in {**TESTS, **DISTANCES}.items() if name in law.values}
    exact = None if law.exact else expected(known, p, n)
    return exact or {name: law.mean(name) for name in known}
