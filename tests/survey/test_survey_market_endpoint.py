"""The simulated market as an endpoint of other commands: measure, audit, tasks author."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evenodds.survey.market import Market
from evenodds.survey.market.prompt import read_prompt
from evenodds.tasks.suite import load_suite

TASKS = {
    "Flip a fair coin. Reply with heads or tails, nothing else.": "coin(0.5)",
    "Roll a die and write the result inside <answer></answer>.": "uniform(1, 6)",
    "Pick a number from 1 to 4, all equally likely. Answer with the digit only.": "uniform(1, 4)",
}


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """A market of which every paid reply arrives and says what it cost."""
    with Market(models=120, faults="few,stall=0,torn=0,no_usage=0,error=0.02") as opened:
        yield opened


def named(market: Market, **wanted: Any) -> str:
    """The first model that tells its cost and is as wanted."""
    return next(
        model.id
        for model in market.models.values()
        if model.tells_cost
        and model.calls_a_second is None
        and not model.thoughts
        and all(getattr(model, name) == value for name, value in wanted.items())
    )


def billed(market: Market, model: str) -> float:
    """Dollars that the market billed for a model so far."""
    return float(market.truth()["bill"].get(model, {"dollars": 0.0})["dollars"])


def suite(folder: Path) -> Path:
    """Three tasks as a file."""
    path = folder / "own.jsonl"
    kinds = {True: {"kind": "tag", "label": "answer"}, False: {"kind": "bare"}}
    rows = [
        {"prompt": prompt, "target": target, "format": kinds["<" in prompt]}
        for prompt, target in TASKS.items()
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.parametrize("wanted", [{"bias": 0.39}, {"bias": 0.0}])
def test_what_is_measured_is_what_the_market_knows(
    market: Market, tell: Any, tmp_path: Path, wanted: dict[str, float]
) -> None:
    """The tv of each task, invalid replies included, lies in its interval; the bill is the cost."""
    model, out = named(market, **wanted), tmp_path / "out"
    how = ["measure", model, "--endpoint", market.url, "--suite", str(suite(tmp_path))]
    how += ["--draws", "300", "--out", str(out), "--concurrency", "16"]
    before = billed(market, model)
    said = tell(*how)
    paid = billed(market, model) - before
    assert paid > 0 and f"900 replies, {paid:.4f}" in re.sub(r"[\d,]+ tokens, \$", "", said)
    rows = [json.loads(row) for row in (out / "measurements.jsonl").read_text().splitlines()]
    assert len(rows) == 3
    for row in (each["row"] for each in rows):
        law = market.law(model, row["task"]["prompt"])
        even = 1 / len(law.options)
        tv = (sum(abs(p * (1 - law.invalid) - even) for p in law.probs) + law.invalid) / 2
        found = row["statistics"]["tv"]
        assert found["low"] <= tv <= found["high"], (row["task"]["prompt"], tv, found)
        lost = 1 - row["masses"]["support"]
        assert abs(lost - law.invalid) <= 5 * (law.invalid * (1 - law.invalid) / 300) ** 0.5
    assert tell(*how) and billed(market, model) - before == pytest.approx(paid)
    assert "agree with the 900 raw replies" in tell("verify", str(out))


@pytest.mark.parametrize(("name", "share"), [("die", 0.96), ("coin", 0.98)])
def test_most_tasks_of_the_suites_are_understood(name: str, share: float) -> None:
    """A prompt that names both sides of a coin, or a die without faces, is not a list of words."""
    tasks = load_suite(name).tasks
    laws = [(set(map(str, task.law.pmf().support)), read_prompt(task.prompt)) for task in tasks]
    assert sum(set(asked.options) == wanted for wanted, asked in laws) >= share * len(tasks)
    assert read_prompt("Roll 1d6 and Tom sees it.").options == tuple("123456")
    assert read_prompt("A penny spins and falls. Is it tails or heads?").options == (
        "tails",
        "heads",
    )
    assert len(read_prompt("Name a random colour.").options) > 5


def audited(market: Market, tell: Any, model: str, code: int) -> dict[str, Any]:
    """The findings of an audit by name."""
    how = ("audit", model, "--endpoint", market.url, "--draws", "60", "--concurrency", "16")
    found = json.loads(tell(*how, "--json", code=code))
    return {each["name"]: each for each in found["findings"]}


def test_an_audit_tells_a_greedy_model_from_an_honest_one(tell: Any) -> None:
    """Faults on the way only: what a market adds to replies keeps to no temperature."""
    with Market(models=120, faults="none,error=0.01") as market:
        honest = audited(market, tell, named(market, bias=0.032), 0)
        greedy = audited(market, tell, named(market, greedy=True), 1)
    assert {name for name, found in honest.items() if found["verdict"] == "fail"} == set()
    assert honest["seeds repeat"]["verdict"] == "pass"
    assert greedy["samples"]["verdict"] == "fail"


def test_an_audit_sees_that_seeds_are_ignored(tell: Any) -> None:
    with Market(models=40, seedless=1.0) as market:
        found = audited(market, tell, named(market, bias=0.032), 1)
    assert {name for name, each in found.items() if each["verdict"] == "fail"} == {"seeds repeat"}


def test_an_author_that_writes_no_tasks_is_given_up_within_its_budget(
    market: Market, tell: Any, tmp_path: Path
) -> None:
    model = named(market, bias=0.024)
    how = ["tasks", "author", "--endpoint", market.url, "--model", model, "--tasks", "3"]
    how += ["--price-in", "30", "--price-out", "60", "--out", str(tmp_path)]
    assert "the budget does not cover another call" in said(tell(*how, "--budget", "0.01"))
    assert not billed(market, model)
    told = said(tell(*how, "--budget", "2"))
    assert "brought 0 tasks" in told and "too many asks in a row brought nothing" in told
    spent = float(re.findall(r"calls, \$([\d.]+)\)", told)[0])
    assert 0 < billed(market, model) <= spent + 0.005 <= 2.005
    wrong = [*how[:5], "no/such", *how[6:], "--budget", "2"]
    assert "No endpoints found" in tell(*wrong[:-3], str(tmp_path / "b"), *wrong[-2:], code=2)


def said(text: str) -> str:
    """Wrapped text in one line."""
    return " ".join(text.split())
