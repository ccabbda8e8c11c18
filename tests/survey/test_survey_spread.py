"""The location-scale regression: gates, and a true effect on the spread (extra `bayes`)."""

import numpy as np
import pytest

from evenodds.errors import RunError
from evenodds.report.survey_lines import spread_lines
from evenodds.survey.analysis.covariate_matrix import Column, Matrix
from evenodds.survey.analysis.regression_bayes import Gates, SpreadRegression, spread_regression


def test_every_gate_closes() -> None:
    good = {"r_hat": 1.0, "ess": 800.0, "divergences": 0, "checks": {"mean": 0.5}}
    assert Gates(**good).failed == ()
    wrong = {"r_hat": 1.02, "ess": 399.0, "divergences": 1, "checks": {"mean": 0.999}}
    for name, value in wrong.items():
        assert len(Gates(**{**good, name: value}).failed) == 1
    assert Gates(**{**good, "r_hat": float("nan")}).failed


def test_no_effect_is_told_where_a_gate_failed() -> None:
    gates = Gates(1.5, 10.0, 3, {})
    found = SpreadRegression((), gates, gates.failed, 240, 50)
    told = " ".join(spread_lines(found.to_json()))
    assert "not to be believed" in told
    assert "3 divergences" in told


def test_more_outcomes_than_two_are_refused() -> None:
    found = Matrix(np.ones((3, 1)), (Column("a", "a", 3, 1),), np.arange(3), {})
    with pytest.raises(RunError, match="two outcomes"):
        spread_regression(np.ones((3, 6), dtype=np.int64), 0.5, found)


@pytest.mark.slow
def test_an_effect_on_the_spread_is_found_and_a_null_one_is_not() -> None:
    pytest.importorskip("numpyro")
    rng, many, groups = np.random.default_rng(3), 240, 50
    organisation = np.arange(many) % groups
    size, null = rng.normal(0, 0.6, many), (rng.random(many) < 0.4).astype(float)
    spread = np.exp(0.3 - 0.6 * size + 0.3 * rng.normal(size=groups)[organisation])
    logits = 0.4 * rng.normal(size=groups)[organisation] + spread * rng.normal(size=many)
    k = rng.binomial(50, 1 / (1 + np.exp(-logits)))
    columns = (Column("size", "larger", many, 120), Column("null", "null", many, 96))
    x = np.c_[size - size.mean(), null - null.mean()]
    found = spread_regression(np.c_[k, 50 - k], 0.5, Matrix(x, columns, organisation, {}))
    assert found.effects[0].low < np.exp(-0.6) < found.effects[0].high < 1
    assert found.effects[1].low < 1 < found.effects[1].high
    assert found.effects[0].finding == (not found.failed)
    assert not found.effects[1].finding
