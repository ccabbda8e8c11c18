"""The plan of a survey: sums that add up, upper bounds that bound, and how it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from survey_stand_ins import Coin, StandInCell, StandInTask, model

from evenodds.errors import BudgetError
from evenodds.models.endpoint_shared import Connection, ModelCaller
from evenodds.report.survey_plan import plan_lines
from evenodds.survey.cost import Typical, paid, worst, worst_of
from evenodds.survey.model_info import CallPrices, Covariate
from evenodds.survey.plan import decoding_of, plan, shape_of
from evenodds.survey.question import QUESTIONS

CHEAP, DEAR = model("a/cheap"), model("b/dear", CallPrices(1e-5, 4e-5, 8e-5, 0.01))
UNKNOWN = model("c/unknown", CallPrices())
COIN = Coin(cells=(StandInCell("a", StandInTask("x" * 100)), StandInCell("b", StandInTask("y"))))


def test_the_dearest_is_first_and_sums_add_up_by_hand() -> None:
    found = plan([CHEAP, DEAR, UNKNOWN], [COIN], 10)
    assert [line.model for line in found.lines] == ["b/dear", "a/cheap", "c/unknown"]
    dear, cheap, unknown = found.lines
    assert cheap.worst == pytest.approx(10 * ((100 + 200) * 1e-6 + 16 * 2e-6))
    assert dear.worst == pytest.approx(10 * (0.01 + (100 + 200) * 1e-5 + 16 * 8e-5))
    assert cheap.expected == pytest.approx(10 * ((100 / 4 + 8) * 1e-6 + 16 * 2e-6))
    assert unknown.worst is None and unknown.expected is None and found.unknown == ("c/unknown",)
    assert found.worst == pytest.approx((cheap.worst or 0) + (dear.worst or 0))
    assert found.calls == 30 and found.most == found.worst
    assert found.to_json()["lines"][0]["worst"] == dear.worst


def test_caps_bound_what_can_be_spent() -> None:
    free = plan([CHEAP, DEAR], [COIN], 10)
    cheap = min(line.worst or 0.0 for line in free.lines)
    assert plan([CHEAP, DEAR], [COIN], 10, cap=0.001).most == 0.001
    assert plan([CHEAP, DEAR], [COIN], 10, cap_per_model=0.05).most == pytest.approx(cheap + 0.05)
    for wrong in ({"cap": -1.0}, {"cap_per_model": float("nan")}):
        with pytest.raises(BudgetError, match="bounds nothing"):
            plan([CHEAP], [COIN], 10, **wrong)
    with pytest.raises(BudgetError, match="0 draws"):
        plan([CHEAP], [COIN], 0)


def test_no_request_costs_more_than_the_plan_says() -> None:
    """Every cell of every built-in question, as it is really sent."""
    caller = ModelCaller(Connection("http://127.0.0.1:1/v1"), DEAR.id)
    able = replace(DEAR, supported=frozenset({"structured_outputs"}))
    for question in QUESTIONS.values():
        line = plan([able], [question], 1).lines[0]
        costs = []
        for cell in question.cells:
            decoding = decoding_of(question, cell)
            body = caller.body(cell.task.prompt, decoding, 1, 2, shape_of(cell))
            assert body["max_tokens"] == question.max_tokens
            costs.append(worst_of(DEAR.prices, body))
        assert max(cost or 0.0 for cost in costs) == pytest.approx(line.worst_call)


def test_thought_is_expected_of_models_that_think() -> None:
    prices = CallPrices(0.0, 1.0, 3.0)
    dull = replace(model("a/b", prices), covariates={"reasoning": Covariate(False, "file")})
    deep = replace(dull, covariates={"reasoning": Covariate(True, "file")})
    listed = replace(dull, covariates={}, supported=frozenset({"include_reasoning"}))
    typical = Typical(completion=10, reasoning=100)
    assert typical.cost(dull, 50, 256) == 10
    assert typical.cost(deep, 50, 256) == typical.cost(listed, 50, 256) == 10 + 3 * 100
    assert typical.cost(deep, 50, 60) == 10 + 3 * 50, "never longer than the limit"


def test_what_was_paid_says_more_than_what_is_typical() -> None:
    seen = {("a/cheap", "coin"): (0.5, 5), ("b/dear", "coin"): (0.5, 4)}
    found = {line.model: line for line in plan([CHEAP, DEAR], [COIN], 10, seen=seen).lines}
    assert found["a/cheap"].expected_call == 0.1
    assert found["b/dear"].expected_call == Typical().cost(DEAR, 100, 16)


def test_the_price_of_thoughts_and_of_a_missing_usage() -> None:
    prices = CallPrices(1.0, 2.0, 5.0, 0.5)
    usage = {"prompt_tokens": 10, "completion_tokens": 7}
    details = {"completion_tokens_details": {"reasoning_tokens": 4}}
    assert paid(prices, {"usage": usage}) == 0.5 + 10 + 14
    assert paid(prices, {"usage": {**usage, **details}}) == 0.5 + 10 + 3 * 2 + 4 * 5
    assert paid(prices, {"usage": {**usage, "cost": 3}}) == 3.0
    for odd in (
        None,
        "text",
        {},
        {"usage": None},
        {"usage": {"cost": -1}},
        {"usage": {"cost": True}},
    ):
        assert paid(prices, odd) is None
    assert worst(prices, 10, 7) == 0.5 + 210 + 35


def test_the_plan_is_told_in_eighty_columns() -> None:
    models = [model(f"organisation-{k}/model-with-a-very-long-name-{k}") for k in range(30)]
    lines = plan_lines(plan([*models, UNKNOWN], [COIN], 1000, cap=0.5, cap_per_model=0.1), 5)
    text = " ".join(lines)
    assert max(len(line) for line in lines) <= 80
    assert "31 models, one question, at most 1,000 draws of each: 31,000 calls." in text
    assert "At the very most $0.50 can be spent" in text and "26 more" in text
    assert "c/unknown" in text and "bytes a token" in text
    assert plan_lines(plan([], [COIN], 5))[0].startswith("No model")
