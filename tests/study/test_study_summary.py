"""Means and spreads over seeds, against the standard library's definitions."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.errors import RunError
from evenodds.study.summary import grouped, last_mean, spread, table

numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


@given(numbers)
def test_a_spread_is_what_statistics_says(values):
    found = spread(values)
    assert found.count == len(values) and found.least == min(values) and found.most == max(values)
    assert found.mean == pytest.approx(statistics.mean(values), abs=1e-6)
    assert found.median == statistics.median(values)
    assert found.sd == pytest.approx(statistics.stdev(values), abs=1e-6)


def test_one_seed_has_no_deviation_and_none_is_refused():
    assert math.isnan(spread([3]).sd) and spread([3]).mean == 3
    with pytest.raises(RunError, match="at least one seed"):
        spread([])


def test_a_table_groups_by_options_and_keeps_all_seeds():
    rows = [
        {"coef": c, "lr": lr, "seed": s, "tv": c + lr + s}
        for s in range(5)
        for lr in (1, 2)
        for c in (10, 20)
    ]
    found = table(rows, ["coef", "lr"], ["tv"])
    assert set(found) == {(10, 1), (10, 2), (20, 1), (20, 2)}
    assert found[10, 2]["tv"].mean == 14 and found[10, 2]["tv"].count == 5
    assert [row["seed"] for row in grouped(rows, "coef", "lr")[10, 1]] == [0, 1, 2, 3, 4]


@given(numbers, st.integers(1, 30))
def test_the_last_mean_is_no_minimum(values, count):
    found = last_mean(values, count)
    assert found == pytest.approx(statistics.mean(values[max(0, len(values) - count) :]), abs=1e-6)
    assert found >= min(values) - 1e-6
