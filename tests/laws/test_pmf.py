"""The laws of `Pmf`: total mass, the monad laws, conditioning, moments, fair draws."""

import math
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.distributions import Pmf
from evenodds.distributions.pmf import log_ratio, whole_weights
from evenodds.errors import TargetError, TooLargeError

weights = st.integers(0, 30) | st.integers(1, 10**30)
pmfs = (
    st.dictionaries(st.integers(-9, 9), weights, min_size=1, max_size=6)
    .filter(lambda rows: any(rows.values()))
    .map(Pmf)
)
functions = st.dictionaries(st.integers(-9, 9), pmfs, min_size=1, max_size=4).map(
    lambda table: lambda x: list(table.values())[x % len(table)]
)


@given(pmfs)
def test_masses_sum_to_one(p: Pmf[int]) -> None:
    assert sum(p.prob(x) for x in p) == 1
    assert math.isclose(math.fsum(p.probs().values()), 1, abs_tol=1e-14)
    assert math.gcd(*(w for _, w in p.items())) == 1
    assert all(p.prob(x) > 0 for x in p)
    assert (p.prob(99), p.logprob(99)) == (0, -math.inf)


@given(st.integers(-9, 9), functions)
def test_a_point_is_a_left_unit(x: int, f: Callable[[int], Pmf[int]]) -> None:
    assert Pmf.point(x).then(f) == f(x)


@given(pmfs)
def test_a_point_is_a_right_unit(p: Pmf[int]) -> None:
    assert p.then(Pmf.point) == p


@given(pmfs, functions, functions)
def test_then_is_associative(
    p: Pmf[int], f: Callable[[int], Pmf[int]], g: Callable[[int], Pmf[int]]
) -> None:
    assert p.then(f).then(g) == p.then(lambda x: f(x).then(g))


@given(pmfs)
def test_map_is_then_with_points(p: Pmf[int]) -> None:
    assert p.map(lambda x: x % 3) == p.then(lambda x: Pmf.point(x % 3))


@given(pmfs)
def test_where_restores_the_whole_by_total_probability(p: Pmf[int]) -> None:
    even = [x for x in p if x % 2 == 0]
    if 0 < len(even) < len(p):
        mass = sum(p.prob(x) for x in even)
        halves = [
            (mass, p.where(lambda x: x % 2 == 0)),
            (1 - mass, p.where(lambda x: x % 2 != 0)),
        ]
        assert Pmf.mix(halves) == p


@given(pmfs, pmfs)
def test_a_product_is_independent(p: Pmf[int], q: Pmf[int]) -> None:
    both = p.product(q)
    assert both.map(lambda pair: pair[0]) == p
    assert all(both.prob((x, y)) == p.prob(x) * q.prob(y) for x in p for y in q)
    assert both.entropy() == pytest.approx(p.entropy() + q.entropy(), abs=1e-9)


@given(pmfs, pmfs)
def test_moments_of_sums(p: Pmf[int], q: Pmf[int]) -> None:
    total = p.product(q).map(sum)
    assert total.mean() == p.mean() + q.mean()  # type: ignore[operator]
    assert total.variance() == p.variance() + q.variance()  # type: ignore[operator]


@given(pmfs)
def test_entropy_agrees_with_its_definition(p: Pmf[int]) -> None:
    slow = -sum(float(p.prob(x)) * p.logprob(x) for x in p)
    assert p.entropy() == pytest.approx(slow, abs=1e-12)
    assert 0 <= p.entropy() <= math.log(len(p)) + 1e-12


@given(st.dictionaries(st.integers(-9, 9), st.integers(1, 12), min_size=1, max_size=6).map(Pmf))
def test_every_integer_below_the_total_draws_its_outcome(p: Pmf[int]) -> None:
    """A draw is one integer below the total; mapping all of them proves it without rolling."""
    assert Counter(p.outcome_at(i) for i in range(p.total)) == dict(p.items())


def test_a_draw_asks_for_one_integer_below_the_total() -> None:
    class Last(Random):
        def randrange(self, start: int, *_: object) -> int:  # type: ignore[override]
            return start - 1

    assert Pmf({"a": 1, "b": 2}).draw(Last()) == "b"


@given(pmfs)
def test_equality_ignores_order_and_scale(p: Pmf[int]) -> None:
    twin = Pmf([(x, 7 * w) for x, w in reversed(list(p.items()))])
    assert twin == p
    assert hash(twin) == hash(p)
    assert len({twin, p}) == 1


@given(st.lists(st.fractions(0, 5), min_size=1, max_size=6))
def test_whole_weights_keep_proportions(shares: list[Fraction]) -> None:
    whole = whole_weights(shares)
    assert all(a * sum(shares) == b * sum(whole) for a, b in zip(whole, shares, strict=True))


@given(st.integers(1, 10**400), st.integers(0, 10**400))
def test_log_ratio_is_the_logarithm(top: int, more: int) -> None:
    slow = math.log(top) - math.log(top + more)
    assert log_ratio(top, top + more) == pytest.approx(slow, rel=1e-9, abs=1e-9)


def test_log_ratio_is_accurate_near_one() -> None:
    assert log_ratio(10**20 - 1, 10**20) == pytest.approx(-1e-20, rel=1e-12)


def test_errors_of_a_bound_never_shrink() -> None:
    rough = Pmf({1: 1, 2: 3}, error=0.01)
    exact = Pmf({1: 1, 2: 1})
    assert rough.map(lambda x: -x).error == 0.01
    assert rough.where(lambda x: x == 1).error == pytest.approx(0.04)
    assert rough.product(exact).error == rough.then(lambda _: exact).error == 0.01
    assert Pmf.mix([(1, rough), (3, exact)]).error == pytest.approx(0.0025)
    assert rough != Pmf({1: 1, 2: 3})


def test_moments_need_numbers() -> None:
    assert Pmf.uniform([1, Decimal("2.5")]).mean() == Fraction(7, 4)
    assert Pmf.uniform(["a", "b"]).mean() is Pmf.uniform([1, "b"]).variance() is None
    assert Pmf.uniform(["1", "2"]).mean() is None


def test_zero_weights_are_left_out_and_equal_outcomes_add_up() -> None:
    p = Pmf([("a", 1), ("b", 0), ("a", 2), ("c", 1)])
    assert (p.support, p.total, p.prob("a")) == (("a", "c"), 4, Fraction(3, 4))
    assert "b" not in p
    assert list(p) == ["a", "c"]


@pytest.mark.parametrize("bad", [{}, {"a": 0}, {"a": -1, "b": 2}, {"a": 0.5}, {"a": Fraction(1)}])
def test_what_is_no_law_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(TargetError):
        Pmf(bad)


def test_refusals_name_what_is_wrong() -> None:
    with pytest.raises(TargetError, match="no outcome"):
        Pmf.uniform([1, 2]).where(lambda x: x > 2)
    with pytest.raises(TooLargeError, match="3 outcomes"):
        Pmf.uniform(range(3)).pmf(limit=2)
    with pytest.raises(TargetError, match="error"):
        Pmf({1: 1}, error=math.nan)
