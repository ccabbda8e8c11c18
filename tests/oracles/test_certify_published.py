"""Equivalence, multiplicity and stopping against published numbers, each with its source."""

import numpy as np
import pytest

from evenodds.distributions import parse
from evenodds.measure.anytime import log_bayes_factor, share_sequence
from evenodds.measure.certification import (
    best_eps,
    certifies,
    certify_n,
    certify_power,
)
from evenodds.measure.eprocess import Share
from evenodds.measure.equivalence import two_outcomes_p, verdict
from evenodds.measure.multiple import (
    adaptive_bh,
    adjusted_p,
    benjamini_hochberg,
    benjamini_yekutieli,
    discoveries,
    e_bh,
)
from evenodds.measure.operating import operate, stopping_rule
from evenodds.measure.power import detect_n

COIN = np.array([0.5, 0.5])

BH_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
    0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


@pytest.mark.parametrize(
    ("p_alt", "power"),
    list(
        zip(
            0.6 + np.linspace(0, 0.09, 10),
            [0.9965, 0.9940, 0.9815, 0.9482, 0.8783, 0.7583, 0.5914, 0.4041, 0.2352, 0.1139],
            strict=True,
        )
    ),
)
def test_exact_equivalence_power_of_the_pass_manual(p_alt: float, power: float) -> None:
    """PASS manual, as quoted in statsmodels' test_proportion.test_power_binom_tost: .5 to .7."""
    q = np.array([p_alt, 1 - p_alt])
    found = certify_power(np.array([0.6, 0.4]), 500, 0.1, q=q)
    assert found == pytest.approx(power, abs=5e-5)


@pytest.mark.parametrize(
    ("n", "power"),
    list(
        zip(
            range(20, 210, 20),
            [0, 0, 0, 0.0889, 0.2356, 0.3517, 0.4457, 0.6154, 0.6674, 0.7708],
            strict=True,
        )
    ),
)
def test_exact_equivalence_power_by_n_of_the_pass_manual(n: int, power: float) -> None:
    """The same test of statsmodels, second case: .4 to .6 at .5."""
    assert certify_power(COIN, n, 0.1) == pytest.approx(power, abs=5e-5)


def test_rejection_region_of_the_pass_manual() -> None:
    """PASS manual by way of statsmodels: at n = 500 .5 to .7 is certified from 269 to 332."""
    x = np.arange(501)
    passes = certifies(np.stack([x, 500 - x], axis=1), np.array([0.6, 0.4]), 500, 0.1, 0.05)
    assert (int(x[passes].min()), int(x[passes].max())) == (269, 332)


@pytest.mark.parametrize(("eps", "n"), [(0.05, 1327), (0.1, 333)])
def test_draws_that_certify_a_fair_coin(eps: float, n: int) -> None:
    """From n on, and not just at n, the power is .95: by enumeration around it."""
    assert certify_n(COIN, eps) == n
    assert certify_power(COIN, n - 1, eps) < 0.95
    assert min(certify_power(COIN, n + more, eps) for more in range(100)) >= 0.95


def test_draws_that_certify_a_nearly_fair_coin() -> None:
    assert certify_n(COIN, 0.05, q=np.array([0.52, 0.48])) == 3044


def test_47_draws_certify_nothing_within_a_tenth() -> None:
    coin = parse("coin(0.5)").law
    for heads in range(48):
        found = verdict({"heads": heads, "tails": 47 - heads}, coin, 0.1)
        assert found.verdict != "fair"
        assert found.high > 0.1
    assert best_eps(COIN, 47) > 0.1


@pytest.mark.parametrize(("d", "n"), [(0.1, 1086), (0.2, 122), (0.35, 27), (0.5, 6)])
def test_draws_that_refute_five_percent(d: float, n: int) -> None:
    """Fixed n for 95% where the bias is known, eps = .05 (the exact test with invalid answers
    counted may need at most one draw more than the binomial alone)."""

    def power(n: int) -> float:
        x = np.arange(n + 1)
        p = np.array([two_outcomes_p(abs(s / n - 0.5), n, COIN, 0.05) for s in x])
        from scipy.stats import binom

        return float(binom.pmf(x[p <= 0.05], n, 0.5 + d).sum())

    assert power(n) >= 0.95
    assert power(int(0.9 * n) - 1) < 0.95


@pytest.mark.parametrize("d", [0.03, 0.05, 0.1, 0.2])
def test_draws_that_detect_a_bias_are_3_25_over_its_square(d: float) -> None:
    found = detect_n(COIN, np.array([0.5 + d, 0.5 - d]))
    assert found == pytest.approx(3.25 / d**2, rel=0.08)


def test_mackay_and_the_belgian_euro() -> None:
    """MacKay, ITILA 3.5 / 2002: 140 heads of 250, p = .0664, uniform-prior Bayes factor .48."""
    assert np.exp(log_bayes_factor(140, 250, 0.5)) == pytest.approx(0.48, abs=0.005)
    assert two_outcomes_p(15 / 250, 250, COIN, 0.0) == pytest.approx(0.0664, abs=5e-5)


def test_benjamini_hochberg_1995() -> None:
    """Benjamini & Hochberg 1995, in scipy.stats.false_discovery_control: 4 rejected, .035625."""
    from scipy.stats import false_discovery_control

    assert discoveries(BH_1995, 0.05) == 4
    assert benjamini_hochberg(BH_1995) == [True] * 4 + [False] * 11
    assert adjusted_p(BH_1995)[3] == pytest.approx(0.035625, abs=1e-12)
    for dependent, method in ((False, "bh"), (True, "by")):
        ours = adjusted_p(BH_1995, dependent=dependent)
        assert ours == pytest.approx(list(false_discovery_control(BH_1995, method=method)))


def test_benjamini_yekutieli_of_r() -> None:
    """R's p.adjust(p, "BY") of the same p-values, as printed in phenol's test: .004977343."""
    assert adjusted_p(BH_1995, dependent=True)[0] == pytest.approx(0.004977343, abs=5e-10)
    assert sum(benjamini_yekutieli(BH_1995)) == 3


def test_e_bh_of_villes_readme() -> None:
    """PyPI page of ville 0.1.0, "Twenty metrics": metrics 0..3 are rejected at .1."""
    e_values = [4.86e20, 3.42e8, 1.77e6, 3.48e5, 0.331, 0.333, *[0.33] * 14]
    assert [i for i, rejected in enumerate(e_bh(e_values, 0.1)) if rejected] == [0, 1, 2, 3]


def test_the_beta_binomial_sequence_agrees_with_ville() -> None:
    ville = pytest.importorskip("ville")
    x = np.random.default_rng(3).integers(0, 2, 200).astype(float)
    fitted = ville.BernoulliCS(alpha=0.05, intersect=False).fit(x)
    low, high = share_sequence(int(x.sum()), 200, 0.05)
    assert (low, high) == pytest.approx((fitted.lower_[-1], fitted.upper_[-1]), abs=1e-6)


TABLE = [
    (0.0, 0.977, 0.021, 0.002, 909),
    (0.02, 0.827, 0.023, 0.150, 1466),
    (0.1, 0.0, 0.989, 0.011, 925),
    (0.2, 0.0, 1.0, 0.0, 83),
    (0.35, 0.0, 1.0, 0.0, 18),
    (0.5, 0.0, 1.0, 0.0, 7),
]


@pytest.mark.parametrize(("bias", "fair", "biased", "undecided", "draws"), TABLE)
def test_the_table_of_stopping(
    bias: float, fair: float, biased: float, undecided: float, draws: int
) -> None:
    """eps .05, alpha .05, cap 3000, no minimum; all figures as printed."""
    did = operate(stopping_rule(Share(0.5, 0.05), 3000, minimum=1), 0.5 + bias)
    assert (did.fair, did.biased, did.undecided) == pytest.approx(
        (fair, biased, undecided), abs=0.0005
    )
    assert round(did.mean_draws) == draws


def test_a_minimum_of_12_draws() -> None:
    did = operate(stopping_rule(Share(0.5, 0.05), 3000, minimum=12), 0.5)
    assert did.biased == pytest.approx(0.008, abs=0.0005)


def test_mean_draws_over_uniform_biases() -> None:
    rule = stopping_rule(Share(0.5, 0.05), 1500, minimum=1)
    biases = (np.arange(50) + 0.5) / 100
    assert round(float(np.mean([operate(rule, 0.5 + d).mean_draws for d in biases]))) == 312


def test_adaptive_bh_keeps_the_false_share_of_uniform_and_stopped_p_values() -> None:
    """Storey, Taylor & Siegmund (2004): at most alpha (1 - alpha^m0) for uniform p-values."""
    rng, m, alpha = np.random.default_rng(5), 60, 0.1
    for true, stopped in ((60, False), (30, False), (10, False), (40, True)):
        fdp, held, plain = [], 0, 0
        for _ in range(2000):
            null = rng.random(true)
            if stopped:  # inverses of e-processes that stop at 1/alpha: mostly 1, else about alpha
                null = np.where(null < alpha, alpha * rng.uniform(0.9, 1, true), 1.0)
            p = np.r_[null, rng.uniform(0.02, 0.1, m - true)]
            fell = np.array(adaptive_bh(p, alpha))
            fdp.append(fell[:true].sum() / max(1, fell.sum()))
            held, plain = held + fell[true:].sum(), plain + sum(benjamini_hochberg(p, alpha))
        assert np.mean(fdp) <= alpha + 3 * np.std(fdp) / 2000**0.5
        assert true == m or held >= plain
    assert benjamini_hochberg([0.01, 0.9]) == adaptive_bh([0.01, 0.9])
    with pytest.raises(ValueError, match="between 0 and 1"):
        adaptive_bh([1.5])
