"""Laws of records: JSON there and back, no NaN, masses that account for everything."""

import json
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.distributions import Pmf, parse
from evenodds.measure.exact import measure_exact
from evenodds.measure.record import MASSES, Measurement, Statistic
from evenodds.measure.sample import measure_draws
from evenodds.measure.scorecard import summarise
from evenodds.models.base import Decoding
from evenodds.models.scripted import Scripted
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task

numbers = st.none() | st.floats()
laws = st.dictionaries(
    st.sampled_from(["heads", "tails", "edge", "I cannot do that.", "heads or tails"]),
    st.integers(1, 9),
    min_size=1,
).map(Pmf)
COIN = Task("Flip a coin.", parse("coin(0.5)"), AnswerFormat(), name="coin")


@given(st.lists(numbers, min_size=8, max_size=8))
def test_statistics_hold_only_finite_numbers(values: list[float | None]) -> None:
    kept = vars(Statistic(*values)).values()
    assert json.loads(json.dumps(list(kept), allow_nan=False)) == list(kept)


def test_what_is_not_finite_is_null() -> None:
    assert Statistic(nan, inf, -inf).value is None
    assert Statistic(0.5, inf).high is None


@given(law=laws, exact=st.booleans())
@settings(max_examples=60, deadline=None)
def test_json_there_and_back(law: Pmf[str], exact: bool) -> None:
    model, decoding = Scripted("m", law), Decoding(template=(("enable_thinking", False),))
    found = (
        measure_exact(model, COIN, decoding)
        if exact
        else measure_draws(model, COIN, 30, decoding, 1)
    )
    text = json.dumps(found.to_json(), allow_nan=False)
    assert Measurement.from_json(json.loads(text)) == found
    assert sum(found.masses.values()) == pytest.approx(1)
    assert found.model_pmf is not None
    assert sum(found.model_pmf.values()) == pytest.approx(found.masses["support"])


def test_masses_must_account_for_everything() -> None:
    good = measure_exact(Scripted("m", Pmf({"heads": 1})), COIN)
    with pytest.raises(ValueError, match="sum 1"):
        Measurement.from_json({**good.to_json(), "masses": dict.fromkeys(MASSES, 0.3)})


@given(law=laws, seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_draws_estimate_the_exact_masses(law: Pmf[str], seed: int) -> None:
    """Hoeffding at n = 400: each of 4 shares within .2 but for 2 exp(-32) a share (< 1e-12)."""
    model = Scripted("m", law)
    exact, drawn = measure_exact(model, COIN), measure_draws(model, COIN, 400, Decoding(), seed)
    for name in MASSES:
        assert abs(exact.masses[name] - drawn.masses[name]) <= 0.2


def test_a_scorecard_keeps_splits_and_twins_apart() -> None:
    twin = Task("Which face shows 4?", parse("fixed(4)"), kind="deterministic")
    unseen = Task("Toss it.", parse("coin(0.5)"), split="unseen_phrasing", family="toss")
    heads, four = Scripted("h", Pmf({"heads": 1})), Scripted("4", Pmf({"4": 3, "5": 1}))
    fair = Scripted("f", Pmf({"heads": 1, "tails": 1}))
    card = summarise(
        [measure_exact(heads, COIN), measure_exact(fair, unseen), measure_exact(four, twin)]
    )
    assert card.row("all", "random tasks").tv == pytest.approx(0.25)
    assert card.row("split", "train").tv == pytest.approx(0.5)
    assert card.row("split", "unseen_phrasing").tv == pytest.approx(0, abs=1e-12)
    assert card.row("kind", "deterministic").right == pytest.approx(0.75)
    assert card.worst[0] == ("coin", pytest.approx(0.5))
    assert json.dumps(card.to_json(), allow_nan=False)
    with pytest.raises(KeyError):
        card.row("split", "unseen_family")


def test_rejections_are_counted_among_the_tested() -> None:
    stuck, fair = Scripted("h", Pmf({"heads": 1})), Scripted("f", Pmf({"heads": 1, "tails": 1}))
    other = Task("Toss it.", parse("coin(0.5)"))
    found = [measure_draws(stuck, COIN, 60), measure_draws(fair, other, 60, Decoding(), 3)]
    row = summarise(found).row("all", "random tasks")
    assert (row.tested, row.rejected) == (2, 1)
