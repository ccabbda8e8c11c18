"""Covariates asked of a model: read in either form, cached, paid from a budget, sources kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from stub_server import StubServer, chat, error

from evenodds.errors import BudgetError, RunError
from evenodds.ledger import Budget
from evenodds.models.endpoint_paid import PaidEndpoint, Prices
from evenodds.models.kept import Kept
from evenodds.survey.ask_covariates import (
    COVARIATES_SCHEMA,
    ask_covariates,
    covariates_prompt,
    filled,
    read_answer,
)
from evenodds.survey.model_info import COVARIATES, Covariate, ModelInfo

MODELS = [
    ModelInfo(f"lab/m{i}", "lab", covariates={"coding": Covariate(True, "name")}) for i in range(6)
]
PAID = {"prompt_tokens": 100, "completion_tokens": 50, "cost": 0.01}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the asked model says: of m3 nothing that can be read."""
    model = next(m.id for m in MODELS if f'"{m.id}"' in request["messages"][0]["content"])
    if model == "lab/m3":
        return chat("I do not know that model.", usage=PAID)
    told = {name: {"value": None, "why": ""} for name in COVARIATES}
    told |= {"billions": {"value": 7, "why": "a report"}, "coding": {"value": False, "why": "?"}}
    return chat(f"```json\n{json.dumps(told)}\n```", usage=PAID)


def author(server: StubServer, budget: Budget, **options: Any) -> PaidEndpoint:
    return PaidEndpoint("big/author", server.url, budget=budget, prices=Prices(1, 10), **options)


def test_answers_fill_gaps_and_keep_their_words() -> None:
    budget = Budget(1.0)
    with StubServer(answer) as server:
        said = ask_covariates(author(server, budget, schema=COVARIATES_SCHEMA), MODELS)
        assert all(r["response_format"] == COVARIATES_SCHEMA for r in server.requests)
    assert said.unread == ["lab/m3"] and said.ended is None
    assert budget.settled == pytest.approx(0.06)
    one = filled(MODELS, said.covariates)[0].covariates
    assert one["coding"] == Covariate(True, "name")
    assert one["billions"].value == 7.0
    assert one["billions"].source == (
        'asked of big/author: "billions": {"value": 7, "why": "a report"}'
    )
    assert filled(MODELS, said.covariates, replace=True)[0].value("coding") is False
    assert filled(MODELS, said.covariates)[3] == MODELS[3]


def test_a_server_that_takes_no_schema_is_asked_plainly() -> None:
    def plain(request: dict[str, Any]) -> Any:
        if "response_format" in request:
            return error("response_format is not supported", param="response_format")
        return answer(request)

    with StubServer(plain) as server:
        asked = author(server, Budget(1.0), schema=COVARIATES_SCHEMA)
        assert len(ask_covariates(asked, MODELS).covariates) == 5
        assert server.calls == 7


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    with StubServer(answer) as server:
        for _ in range(2):
            kept = Kept(author(server, Budget(1.0)), tmp_path / "said.jsonl")
            said = ask_covariates(kept, MODELS)
            assert len(said.covariates) == 5
        assert server.calls == 6


def test_an_empty_purse_ends_it_and_what_came_is_returned() -> None:
    budget = Budget(0.035)
    with StubServer(answer) as server:
        said = ask_covariates(author(server, budget), MODELS, concurrency=1)
    assert isinstance(said.ended, BudgetError)
    assert 0 < len(said.covariates) < 5 and budget.settled <= 0.035


def test_values_that_are_none_are_left_out() -> None:
    text = 'x {broken {"billions": "many", "mixture": "dense", "released": "2024-05", "other": 1}'
    found = read_answer(text, "m")
    assert {name: each.value for name, each in found.items()} == {
        "mixture": False,
        "released": "2024-05-01",
    }
    with pytest.raises(RunError, match="no JSON object"):
        read_answer("no idea", "m")


def test_the_prompt_names_every_covariate() -> None:
    prompt = covariates_prompt(ModelInfo("a/b", "a", "A B"))
    assert all(f"\n{name}: " in prompt for name in COVARIATES)
    assert '"a/b"' in prompt and '"A B"' in prompt
