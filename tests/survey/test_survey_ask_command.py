"""`survey catalogue --ask`: a model is asked, its words are kept, a person corrects them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from stub_server import StubServer, chat, error

from evenodds.survey.catalogue import Catalogue
from evenodds.survey.market import Market
from evenodds.survey.model_info import COVARIATES, Covariate

PRICES = ("--price-in", "1", "--price-out", "2")
WHY = 'a "report", =1+1\nand a line'


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """A model that says that each model has 7 billion parameters and codes."""
    told = {name: {"value": None, "why": ""} for name in COVARIATES}
    told |= {"billions": {"value": 7, "why": WHY}, "coding": {"value": True, "why": "ö\u202e"}}
    return chat(json.dumps(told), usage={"prompt_tokens": 100, "completion_tokens": 50})


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """Two models, of which one's name tells its size."""
    path = tmp_path / "two.txt"
    path.write_text("a/one\nb/two-13b\n")
    return path


def test_gaps_are_filled_with_the_words_and_edited_by_hand(
    tell: Any, names: Path, tmp_path: Path
) -> None:
    kept, saved, traits = tmp_path / "said.jsonl", tmp_path / "c.json", tmp_path / "t.csv"
    with StubServer(answer) as server:
        how = ["survey", "catalogue", str(names), "--ask", "a/one", "--endpoint", server.url]
        how += [*PRICES, "--budget", "1", "--kept", str(kept)]
        for _ in range(2):
            tell(*how, "--save", str(saved), "--edit", str(traits))
            assert server.calls == 2
    one, two = Catalogue.load(saved).models
    quoted = json.dumps({"value": 7, "why": WHY})
    assert one.covariates["billions"] == Covariate(7.0, f'asked of a/one: "billions": {quoted}')
    assert two.covariates["billions"] == Covariate(13.0, "name: 13b")
    assert two.covariates["coding"].source.endswith('"why": "ö\u202e"}')
    tell("survey", "catalogue", str(saved), "--covariates", str(traits), "--save", str(saved))
    assert Catalogue.load(saved).models == (one, two), "what nobody changed stays as it is"
    with traits.open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"billions": "8", "reasoning": "yes"}
    rows[1] |= {"billions": "?", "coding": ""}
    with traits.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    tell("survey", "catalogue", str(saved), "--covariates", str(traits), "--save", str(saved))
    new_one, new_two = Catalogue.load(saved).models
    assert new_one.covariates == one.covariates | {
        "billions": Covariate(8.0, "edited"),
        "reasoning": Covariate(True, "file"),
    }
    assert "billions" not in new_two.covariates
    assert new_two.covariates["coding"] == two.covariates["coding"]


def test_the_market_remembers_the_truth(tell: Any, tmp_path: Path) -> None:
    """Faults on the way and in replies: what comes is true, what does not stays unknown."""
    saved = tmp_path / "c.json"
    with Market(models=50, faults="few,stall=0,malformed=0.1") as market:
        how = ("survey", "catalogue", market.url, "--ask", "openai/gpt-4", "--budget", "2")
        tell(*how, "--save", str(saved))
        truth = market.models
        assert market.truth()["dollars"] <= 2
    asked = [
        (truth[model.id].covariates[name], found.value)
        for model in Catalogue.load(saved).models
        for name, found in model.covariates.items()
        if found.source.startswith("asked of openai/gpt-4: ")
    ]
    assert len(asked) > 50 and all(true == told for true, told in asked)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--budget", "1", *PRICES], "--ask needs an API"),
        (["--endpoint", "URL", *PRICES], "say with --budget"),
        (["--endpoint", "URL", "--budget", "1"], "No price is known of a/one"),
        (["--endpoint", "URL", "--budget", "1", "--price-in", "1"], "go together"),
        (["--endpoint", "x", "--budget", "1", *PRICES], "--ask needs an API"),
        (["--endpoint", "URL", "--budget", "1", *PRICES, "--save", "HERE"], "cannot be written"),
        (["--endpoint", "URL", "--budget", "1", *PRICES, "--edit", "FILE/x"], "cannot be written"),
        (["--endpoint", "URL", "--budget", "1", *PRICES, "--kept", "FILE"], "no row of kept"),
        (["--endpoint", "URL", "--budget", "1", *PRICES, "--ask", "c"], "is not in the catalogue"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is_paid(
    tell: Any, names: Path, tmp_path: Path, more: list[str], message: str
) -> None:
    with StubServer(answer) as server:
        places = {"URL": server.url, "HERE": str(tmp_path), "FILE/x": f"{names}/x"}
        places["FILE"] = str(names)
        told = [places.get(each, each) for each in more]
        said = tell("survey", "catalogue", str(names), "--ask", "a/one", *told, code=2)
        assert message in said and said.count("\n") == 1
        assert not server.calls


def test_where_it_breaks_off_what_came_is_written_and_it_is_said(
    tell: Any, names: Path, tmp_path: Path
) -> None:
    def once(request: dict[str, Any]) -> Any:
        return answer(request) if "a/one" in str(request["messages"]) else error("no credit", 402)

    saved = tmp_path / "c.json"
    with StubServer(once) as server:
        how = ["survey", "catalogue", str(names), "--ask", "a/one", "--endpoint", server.url]
        said = tell(*how, *PRICES, "--budget", "1", "--save", str(saved), code=2)
    assert "asked a/one about 1 of 2 models" in said and "no credit" in said
    one, two = Catalogue.load(saved).models
    assert one.value("billions") == 7.0 and "coding" not in two.covariates
