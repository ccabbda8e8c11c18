"""Laws of judged draws: whole, conditional, invalid, one outcome, two outcomes, too many."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.distributions import Pmf, parse
from evenodds.errors import DrawsError
from evenodds.measure.floor import expected_tv
from evenodds.measure.judge import judge

DIE = Pmf.uniform(range(1, 7))
COIN = Pmf({"heads": 1, "tails": 1})
counts = st.dictionaries(st.integers(1, 6), st.integers(0, 12), min_size=1)


@given(counts=counts, invalid=st.integers(0, 9), seed=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_tv_and_valid_rate_count_every_answer(
    counts: dict[int, int], invalid: int, seed: int
) -> None:
    valid = sum(counts.values())
    if not valid + invalid:
        return
    found = judge(counts, DIE, invalid=invalid, seed=seed)
    n = valid + invalid
    tv = sum(abs(counts.get(face, 0) / n - 1 / 6) for face in range(1, 7)) / 2 + invalid / n / 2
    statistics = found.statistics
    assert (found.n, found.invalid) == (n, invalid)
    assert statistics["tv"].value == pytest.approx(tv)
    assert statistics["valid"].value == pytest.approx(valid / n)
    assert statistics["tv"].fair == pytest.approx(expected_tv(np.full(6, 1 / 6), n))
    for name in ("tv", "tv_conditional", "valid"):
        if name in statistics:
            each = statistics[name]
            assert each.low is not None and each.high is not None and each.value is not None
            assert each.low <= each.value + 1e-12 and each.value <= each.high + 1e-12
    if invalid:
        assert statistics["omnibus"].p_value == 0.0
        assert statistics["tv"].value >= invalid / n - 1e-12
    else:
        assert statistics["omnibus"] == statistics["omnibus_conditional"]


@given(counts=counts)
@settings(max_examples=20, deadline=None)
def test_off_support_counts_are_invalid(counts: dict[int, int]) -> None:
    if sum(counts.values()):
        mixed = judge({**counts, 7: 3}, DIE)
        assert mixed == judge(counts, DIE, invalid=3)


def test_no_draws_at_all_are_refused() -> None:
    for empty in ({}, {1: 0}):
        with pytest.raises(DrawsError, match="no draws"):
            judge(empty, DIE)


def test_all_answers_invalid() -> None:
    found = judge({}, DIE, invalid=10).statistics
    assert found["tv"].value == 1.0 and found["valid"].value == 0.0
    assert found["omnibus"].p_value == 0.0
    assert "tv_conditional" not in found


def test_one_right_answer() -> None:
    found = judge({4: 19}, Pmf.point(4), invalid=1).statistics
    assert found["tv"].value == pytest.approx(0.05)
    low, high = found["tv"].low, found["tv"].high
    assert low is not None and high is not None
    assert (low, high) == pytest.approx((0.00126, 0.24873), abs=1e-4)  # Clopper-Pearson of 1 in 20
    assert judge({4: 20}, Pmf.point(4)).statistics["omnibus"].p_value == 1.0


def test_one_draw() -> None:
    found = judge({3: 1}, DIE).statistics
    assert found["chi_square_divergence"].value is None
    assert found["omnibus"].p_value == pytest.approx(1.0)


def test_a_coin_that_always_shows_heads() -> None:
    found = judge({"heads": 50}, COIN)
    assert found.exact
    assert found.statistics["g"].p_value == pytest.approx(2 * 0.5**50)
    assert found.statistics["tv"].value == 0.5
    assert found.statistics["kl_forward"].value is None


def test_counts_too_even_show_in_the_lower_tail() -> None:
    even = judge(dict.fromkeys(range(1, 101), 10), Pmf.uniform(range(1, 101))).statistics
    assert even["chi_square"].p_value == 1.0
    assert even["chi_square"].p_lower is not None and even["chi_square"].p_lower <= 1e-4


def test_kl_of_seen_outcomes() -> None:
    found = judge({"heads": 3, "tails": 1}, COIN).statistics
    assert found["kl_forward"].value == pytest.approx(
        0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)
    )
    assert found["kl_reverse"].value == pytest.approx(
        0.75 * np.log(0.75 / 0.5) + 0.25 * np.log(0.25 / 0.5)
    )


def test_the_same_seed_gives_the_same_p_values() -> None:
    law = Pmf.uniform(range(1, 101))
    drawn = {face: face % 7 for face in range(1, 101)}
    assert judge(drawn, law, seed=3) == judge(drawn, law, seed=3)
    assert judge(drawn, law, seed=3) != judge(drawn, law, seed=4)


def test_a_perfect_sampler_is_rarely_rejected() -> None:
    """Seeded. 200 fair samples of 25 rolls at .05: more than 35 rejections has P < 1e-9."""
    rng = random.Random(0)
    rejected = 0
    for _ in range(200):
        drawn = [DIE.draw(rng) for _ in range(25)]
        found = judge({face: drawn.count(face) for face in set(drawn)}, DIE)
        p_value = found.statistics["omnibus"].p_value
        rejected += p_value is not None and p_value <= 0.05
    assert rejected <= 35


def test_a_shuffle_too_large_to_list() -> None:
    law = parse("shuffle('a','b','c','d','e','f','g','h','i')").law
    rng = random.Random(1)
    fair = [law.draw(rng) for _ in range(40)]
    found = judge({text: fair.count(text) for text in set(fair)}, law)
    assert found.statistics["surprisal"].value == pytest.approx(law.entropy())
    p_value = found.statistics["omnibus"].p_value
    assert p_value is not None and p_value > 0.05
    stuck = judge({fair[0]: 40}, law, invalid=2).statistics
    assert stuck["omnibus_conditional"].p_value == pytest.approx(1 / 501)
    assert stuck["omnibus"].p_value == 0.0
    assert "tv" not in stuck
    assert judge({}, law, invalid=2).statistics["valid"].value == 0.0
