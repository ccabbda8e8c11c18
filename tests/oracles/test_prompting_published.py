"""Prompt effects against published tables, against enumeration, and against scipy."""

import itertools
from math import comb, factorial, prod

import numpy as np
import pytest
from scipy import stats

from evenodds.measure.prompting.bias import table_biases
from evenodds.measure.prompting.components import PARTS, noise, split, squares
from evenodds.measure.prompting.noncentral import mean_square_interval
from evenodds.measure.prompting.permute import permutation_p_values
from evenodds.measure.prompting.prompts import crossed_interval, flip_p_value

# Rocket propellant: Montgomery, Design and Analysis of Experiments (8th ed.), tables 4.9 and 4.11.
# Rows are batches, columns operators; the formulation is (row + column) mod 5.
PROPELLANT = np.array(
    [
        [24, 20, 19, 24, 24],
        [17, 24, 30, 27, 36],
        [18, 38, 26, 27, 21],
        [26, 31, 26, 23, 22],
        [22, 30, 20, 29, 31],
    ],
    dtype=float,
)

# Gauge study: Montgomery, 8th ed., problem 13.1 (solutions manual 2012): 10 parts, 2 operators,
# 3 measurements each.
GAUGE = np.array(
    [
        [
            [50, 52, 53, 49, 48, 52, 51, 52, 50, 47],
            [49, 52, 50, 51, 49, 50, 51, 50, 51, 46],
            [50, 51, 50, 50, 48, 50, 51, 49, 50, 49],
        ],
        [
            [50, 51, 54, 48, 48, 52, 51, 53, 51, 46],
            [48, 51, 52, 50, 49, 50, 50, 48, 48, 47],
            [51, 51, 51, 51, 48, 50, 50, 50, 49, 48],
        ],
    ],
    dtype=float,
)

# Darwin's 15 pairs of Zea mays, in eighths of an inch: Fisher, The Design of Experiments (1935),
# section 21: 1726 of 32768 sign patterns are as far from 0 as +314.
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=float)


def test_a_published_latin_square_splits_as_published() -> None:
    q = PROPELLANT[[0, 4, 3, 2, 1]][None, None]  # ours: position = (column - row) mod 5
    found = squares(q, np.full(5, q.mean()))
    sums = {part: 2 * 5 * float(value) for part, value in found.items()}
    assert sums["position"] == pytest.approx(330)  # formulations
    assert sums["marginal"] == pytest.approx(150)  # operators
    assert sums["interaction"] == pytest.approx(128)  # error
    assert sums["phrasing"] == sums["labels"] == pytest.approx(0, abs=1e-9)


def test_a_published_two_way_table_splits_as_published() -> None:
    means = GAUGE.mean(1).T  # part x operator
    x = means - means.mean()
    q = np.stack([x, -x], -1)[:, :, None, :].repeat(2, 2)  # two outcomes, both orders alike
    found = {part: 60 * float(value) for part, value in squares(q, np.zeros(2)).items()}
    assert found["phrasing"] == pytest.approx(99.017, abs=0.001)  # parts
    assert found["labels"] == pytest.approx(0.417, abs=0.001)  # operators
    assert found["interaction"] == pytest.approx(5.417, abs=0.001)


def test_the_variance_of_a_crossed_mean_is_the_textbooks() -> None:
    """Var(mean) = (MS_A + MS_B - MS_AB) / (a b n), with Satterthwaite's degrees of freedom.

    The gauge study has 2 operators, too few to stand for others: there it is MS_parts / (a b n).
    """
    low, high = crossed_interval(GAUGE.mean(1).T) or (0, 0)
    assert (low + high) / 2 == pytest.approx(GAUGE.mean())
    half = stats.t.ppf(0.975, 9) * (99.017 / 9 / 60) ** 0.5
    assert (high - low) / 2 == pytest.approx(half, rel=1e-3)
    x = np.random.default_rng(2).normal(size=(5, 1)) + np.random.default_rng(3).normal(size=(1, 6))
    x = x + np.random.default_rng(4).normal(0, 0.3, size=(5, 6))
    away = x - x.mean(1, keepdims=True) - x.mean(0) + x.mean()
    a, b = 6 * x.mean(1).var(ddof=1), 5 * x.mean(0).var(ddof=1)
    both = (away**2).sum() / 20
    freedom = (a + b - both) ** 2 / (a**2 / 4 + b**2 / 5 + both**2 / 20)
    half = stats.t.ppf(0.975, freedom) * ((a + b - both) / 30) ** 0.5
    low, high = crossed_interval(x) or (0, 0)
    assert (high - low) / 2 == pytest.approx(half)


def test_sign_flips_count_what_fisher_counted() -> None:
    p = flip_p_value(MAIZE[:, None, None])
    assert p == pytest.approx(1726 / 32768, abs=1e-12)


def multinomial_tables(p: list[float], m: int) -> list[tuple[tuple[int, ...], float]]:
    found = []
    for x in itertools.product(range(m + 1), repeat=len(p)):
        if sum(x) == m:
            ways = factorial(m) // prod(map(factorial, x))
            found.append((x, ways * prod(q**k for q, k in zip(p, x, strict=True))))
    return found


CELLS = {
    "coin, one block, 3 draws": ((1, 1, 2), 3, 0.0),
    "coin, two phrasings, 2 draws": ((2, 1, 2), 2, 0.0),
    "coin, two label sets, invalid answers, 2 draws": ((1, 2, 2), 2, 0.2),
    "three outcomes, 2 draws": ((1, 1, 3), 2, 0.0),
    "three outcomes, invalid answers, 2 draws": ((1, 1, 3), 2, 0.1),
}


@pytest.mark.parametrize("name", CELLS)
def test_every_part_is_unbiased_over_every_possible_table(name: str) -> None:
    (f, sets, k), m, lost = CELLS[name]
    rng = np.random.default_rng(len(name))
    q = rng.dirichlet(np.ones(k), size=(f, sets, k)) * (1 - lost)
    target = np.arange(1, k + 1) / (k * (k + 1) / 2)
    draws = np.full((f, sets, k), float(m))
    laws = [multinomial_tables([*row, max(0.0, 1 - row.sum())], m) for row in q.reshape(-1, k)]
    means = dict.fromkeys((*PARTS, "total"), 0.0)
    for tables in itertools.product(*laws):
        weight = prod(p for _, p in tables)
        shares = np.array([x[:k] for x, _ in tables]).reshape(q.shape) / m
        raw, inflated = squares(shares, target), noise(shares, draws)
        for part in means:
            means[part] += weight * float(raw[part] - inflated[part])
    exact = squares(q, target)
    for part, mean in means.items():
        assert mean == pytest.approx(float(exact[part]), abs=1e-9), part


@pytest.mark.parametrize("m", [2, 3, 5])
def test_the_total_is_the_stated_formula_for_a_coin(m: int) -> None:
    """mean[(p - .5)^2 - p q / (m - 1)]."""
    rng = np.random.default_rng(m)
    p = rng.integers(0, m + 1, size=(3, 2, 2)) / m
    found = split(np.stack([p, 1 - p], -1), np.full(2, 0.5), np.full(p.shape, float(m)))
    formula = ((p - 0.5) ** 2 - p * (1 - p) / (m - 1)).mean()
    assert found.unbiased("total") == pytest.approx(formula)


def test_exact_probabilities_have_no_noise_and_no_interval() -> None:
    q = np.array([[[[0.9, 0.1], [0.1, 0.9]]]])
    found = split(q, np.full(2, 0.5), np.full((1, 1, 2), np.inf))
    assert found.noise["total"] == 0 and found.bias("position") == pytest.approx(0.4)
    part = table_biases(q, np.full(2, 0.5), np.full((1, 1, 2), np.inf))["position"]
    assert part.value == pytest.approx(0.4) and part.low is None and part.p_value is None


@pytest.mark.parametrize(
    ("value", "lost", "df"), [(0.15, 0.01, 1), (0.02, 0.01, 7), (0.5, 0.2, 80)]
)
def test_interval_ends_are_noncentral_chi_square_quantiles(
    value: float, lost: float, df: int
) -> None:
    one = lost / df
    low, high = mean_square_interval(value, one, df)
    x = (value + lost) / one
    if low > 0:
        assert stats.ncx2.cdf(x, df, low / one) == pytest.approx(0.975, abs=1e-6)
    else:
        assert stats.chi2.cdf(x, df) <= 0.975
    assert stats.ncx2.cdf(x, df, high / one) == pytest.approx(0.025, abs=1e-6)


def test_interval_ends_are_noncentral_f_quantiles_where_noise_is_estimated() -> None:
    low, high = mean_square_interval(0.3, 0.01, 7, 24)
    f = (0.3 / 0.01 + 7) / 7
    assert stats.ncf.cdf(f, 7, 24, low / 0.01) == pytest.approx(0.975, abs=1e-6)
    assert stats.ncf.cdf(f, 7, 24, high / 0.01) == pytest.approx(0.025, abs=1e-6)


def test_the_interval_of_nothing_begins_at_0() -> None:
    low, high = mean_square_interval(-0.009, 0.01, 1)
    assert low == 0 and high > 0
    assert mean_square_interval(0.3, 0.0, 1) == (0.3, 0.3)


def test_a_permutation_p_value_is_the_share_of_all_shuffles() -> None:
    """One phrasing, one label set, two orders of 4 draws: first position 7 times of 8.

    Of the C(8, 4) splits of 4 + 4 outcome-0 draws, those as extreme are counted by hand: the
    outcomes are 1 0 0 0 | 1 1 1 1 by order; T depends on how many 0s fall into order 0.
    """
    draws = np.array([[[[0, 0, 0, 1], [1, 1, 1, 1]]]])
    zeros, observed = 3, 3
    ways = {z: comb(4, z) * comb(4, zeros - z) for z in range(zeros + 1)}
    total = sum(ways.values())
    extreme = sum(w for z, w in ways.items() if abs(2 * z - zeros) >= 2 * observed - zeros)
    found = permutation_p_values(draws, np.full(2, 0.5), tables=99_999, seed=1)["position"]
    assert found == pytest.approx(extreme / total, abs=0.006)  # 4 standard errors


def test_draws_are_shuffled_within_their_phrasing_only() -> None:
    """One phrasing always names the first (2 of its 70 splits are as extreme), the other always
    the same label (no split of it is another). Shuffled over both it would be 140 of 1820."""
    first, same = [[0] * 4, [1] * 4], [[0] * 4, [0] * 4]
    draws = np.array([[first], [same]])
    found = permutation_p_values(draws, np.full(2, 0.5), tables=49_999, seed=1)["position"]
    assert found == pytest.approx(2 / 70, abs=0.004)  # 5 standard errors


def test_the_naive_test_of_one_prompt_has_the_wrong_size_and_flips_over_prompts_do_not() -> None:
    """Between-prompt SD .1, one prompt asked 50 times has size .23 (computed exactly).

    8 prompts of 25 draws instead, flipped by prompt: simulated, 4 standard errors of .05 at 2,000.
    """
    grid = np.linspace(0.001, 0.999, 999)
    weights = stats.norm.pdf(grid, 0.5, 0.1)
    reject = [k for k in range(51) if stats.binomtest(k, 50).pvalue <= 0.05]
    power = stats.binom.pmf(np.array(reject)[:, None], 50, grid).sum(0)
    naive = float(weights @ power / weights.sum())
    assert naive == pytest.approx(0.23, abs=0.03)
    rng = np.random.default_rng(7)
    p = np.clip(rng.normal(0.5, 0.1, size=(2000, 8)), 0, 1)
    away = rng.binomial(25, p) / 25 - 0.5
    rejected = [(flip_p_value(np.stack([row, -row], -1)[:, None]) or 0) <= 0.05 for row in away]
    assert np.mean(rejected) <= 0.05 + 4 * (0.05 * 0.95 / 2000) ** 0.5
