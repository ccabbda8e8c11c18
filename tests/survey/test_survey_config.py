"""What a run records of itself, what a resume may change, and room for models that think."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from survey_stand_ins import READER, Catalogue, Coin, Lead, World, model
from typer.testing import CliRunner

from evenodds.cli import app
from evenodds.errors import BudgetError, RunError
from evenodds.models.endpoint_shared import Answered
from evenodds.survey.market import Market
from evenodds.survey.model_info import Covariate, ModelInfo
from evenodds.survey.plan import longest, plan
from evenodds.survey.run import run
from evenodds.survey.store import Store


def survey(path: Path, draws: int = 3, **more: Any) -> Store:
    models = (model("a/b"), model("c/d"))
    world = World({"a/b": 0.5, "c/d": 0.5})
    shape = {name: more.pop(name) for name in ("cap", "cap_per_model", "thought") if name in more}
    store = Store(path / "survey.sqlite")
    told = plan(models, [Coin()], draws, **shape)
    run(Catalogue(models), [Coin()], told, store, connect=world.connect, reader=READER, **more)
    return store


def test_what_each_run_was_begun_with_is_kept_though_the_next_had_other_caps(
    tmp_path: Path,
) -> None:
    survey(tmp_path, cap=1.0).close()
    store = survey(tmp_path, 5, cap=2.0, cap_per_model=0.5)
    first, second = store.runs()
    assert (first["draws"], first["cap"], first["cap_per_model"]) == (3, 1.0, None)
    assert (second["draws"], second["cap"], second["cap_per_model"]) == (5, 2.0, 0.5)
    assert first["models"] == 2 and first["at"] <= second["at"]
    with pytest.raises(sqlite3.IntegrityError, match="stays"):
        store.rows("DELETE FROM notes")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"stopping": {"eps": 0.1, "rule": "e_bh"}}, "stopping.eps: recorded 0.05, now 0.1"),
        ({"stopping": None}, "stopping: recorded"),
        ({}, "stopping: recorded"),
        ({"stopping": {"eps": 0.05, "rule": "e_bh"}, "more": 1}, "more: recorded nothing, now 1"),
    ],
)
def test_what_may_not_change_is_named(tmp_path: Path, config: Any, said: str) -> None:
    survey(tmp_path, config={"stopping": {"eps": 0.05, "rule": "e_bh"}}).close()
    with pytest.raises(RunError, match="holds another survey") as raised:
        survey(tmp_path, config=config)
    assert said in str(raised.value) and "rule" not in str(raised.value).split("stopping: ")[0]


def test_the_same_again_is_no_change_whatever_the_kind_of_sequence(tmp_path: Path) -> None:
    survey(tmp_path, config={"some": (1, 2.0)}).close()
    survey(tmp_path, config={"some": [1, 2]}).close()
    with pytest.raises(RunError, match="thought_tokens: recorded 0, now 9"):
        survey(tmp_path, config={"some": (1, 2)}, thought=9)


def test_the_beginning_is_told_before_anything_is_asked_and_to_no_other_survey(
    tmp_path: Path,
) -> None:
    calls: list[str] = []

    def trouble(*_: Any) -> Answered | None:
        calls.append("asked")
        return None

    def begun() -> None:
        calls.append("begun")

    models = (model("a/b"),)
    world = World({"a/b": 0.5}, trouble=trouble)
    store = Store(tmp_path / "survey.sqlite")
    told: dict[str, Any] = {"connect": world.connect, "reader": READER, "begun": begun}
    run(Catalogue(models), [Coin()], plan(models, [Coin()], 3), store, **told)
    assert calls == ["begun", "asked", "asked", "asked"]
    with pytest.raises(RunError, match="seed"):
        run(Catalogue(models), [Coin()], plan(models, [Coin()], 3), store, **told, seed=2)
    assert calls.count("begun") == 1


# Why it ended.


class Capped(Lead):
    """A lead of 5 decides; after 10 readings there is no verdict, and no need of more."""

    def done(self, model: str) -> bool:
        return super().done(model) or len(self.seen.get(model, ())) >= 10

    def verdict(self, model: str) -> str:
        return "biased" if super().done(model) else "undecided"


@pytest.mark.parametrize("draws", [10, 12])
def test_what_no_draw_decided_is_told_from_what_was_decided_and_from_what_money_ended(
    tmp_path: Path, draws: int
) -> None:
    law = {"a/fair": 0.5, "b/heads": 1.0}
    models = tuple(map(model, law))
    world = World(law)
    told = plan(models, [Coin()], draws)
    store = Store(tmp_path / "survey.sqlite")
    how: dict[str, Any] = {"connect": world.connect, "reader": READER}
    for _ in "asked", "resumed":
        judge = {"coin": Capped()}
        outcome = run(Catalogue(models), [Coin()], told, store, stopper=judge, **how)
        found = {stop.model: (stop.why, stop.verdict) for stop in outcome.stops}
        assert found == {"a/fair": ("all draws", "undecided"), "b/heads": ("decided", "biased")}
    assert {stop.why for stop in store.stops().values()} == {"all draws", "decided"}
    poor = Store(tmp_path / "poor" / "survey.sqlite")
    capped = plan(models, [Coin()], draws, cap_per_model=1e-9)
    outcome = run(Catalogue(models), [Coin()], capped, poor, stopper={"coin": Capped()}, **how)
    assert {stop.why for stop in outcome.stops} == {"cap"}


# Room for thought.

THINKS = ModelInfo("t/r1", "t", covariates={"reasoning": Covariate(True, "file")})


def test_who_thinks_gets_room_and_pays_for_it_at_worst() -> None:
    coin, plain = Coin(), model("a/b")
    thinker = replace(THINKS, prices=plain.prices)
    assert [longest(coin, each, 100) for each in (plain, thinker)] == [16, 116]
    assert longest(coin, replace(thinker, max_completion=50), 100) == 50
    lines = {line.model: line for line in plan([plain, thinker], [coin], 10, thought=100).lines}
    more = lines["t/r1"].worst_call - lines["a/b"].worst_call
    assert more == pytest.approx(100 * plain.prices.completion)
    assert lines["t/r1"].longest == 116
    bare = {line.model: line for line in plan([plain, thinker], [coin], 10).lines}
    assert bare["a/b"] == lines["a/b"] and bare["t/r1"].longest == 16
    with pytest.raises(BudgetError, match="-1 tokens of thought"):
        plan([plain], [coin], 10, thought=-1)


def test_the_request_carries_the_limit_of_who_is_asked(tmp_path: Path) -> None:
    plain = model("a/b")
    models = (plain, replace(THINKS, prices=plain.prices))
    seen: dict[str, set[int]] = {}

    class Limited(World):
        def connect(self, model: ModelInfo) -> Any:
            caller = super().connect(model)
            body = caller.body

            def told(*args: Any, **kwargs: Any) -> dict[str, Any]:
                made = body(*args, **kwargs)
                seen.setdefault(model.id, set()).add(made["max_tokens"])
                return made

            caller.body = told  # type: ignore[method-assign]
            return caller

    world = Limited({"a/b": 0.5, "t/r1": 0.5})
    told = plan(models, [Coin()], 4, thought=100)
    store = Store(tmp_path / "survey.sqlite")
    run(Catalogue(models), [Coin()], told, store, connect=world.connect, reader=READER)
    assert seen == {"a/b": {16}, "t/r1": {116}}


# On the command line.


def evenodds(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["survey", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["survey", *arguments])
    assert isinstance(done.exception, RunError)
    return str(done.exception)


def test_a_report_takes_levels_and_limits_from_the_run(tmp_path: Path) -> None:
    out = str(tmp_path / "s")
    with Market(models=4, seed=2) as market:
        how = ("run", market.url, "--out", out, "--draws", "15", "--cap", "5")
        levels = ("--eps", "0.2", "--alpha", "0.1", "--position", "0.3", "--invalid", "0")
        more = ("--max-tokens", "99", "--thought-tokens", "0")
        evenodds(*how, *levels, *more)
        assert (tmp_path / "s" / "catalogue.json").exists()
        said = refused(*how, *levels, "--thought-tokens", "0")
        assert "max_tokens.coin: recorded 99, now 256" in said
        said = refused(*how, *levels[2:], *more)
        assert "(stopping.eps: recorded 0.2, now 0.05)" in said
    settings = json.loads(evenodds("analyse", out, "--json"))["settings"]
    asked = {"eps": 0.2, "alpha": 0.1, "position": 0.3, "invalid": None, "minimum": 16}
    assert {name: settings[name] for name in asked} == asked


def test_e_bh_goes_on_with_as_many_models_as_it_began(tmp_path: Path) -> None:
    out = str(tmp_path / "s")
    how = ("--out", out, "--draws", "13", "--cap", "5", "--rule", "e_bh")
    with Market(models=3, seed=2) as market:
        ids = list(market.truth()["models"])
        listed = tmp_path / "ids.txt"
        prices = ("--price-in", "1", "--price-out", "1", "--endpoint", market.url)
        listed.write_text("\n".join(ids))
        evenodds("run", str(listed), *how, *prices)
        listed.write_text("\n".join(ids[:2]))
        said = refused("run", str(listed), *how, *prices)
    assert "stopping.models.coin: recorded 3, now 2" in said


def test_a_run_of_all_verdicts_together_says_what_is_bounded(tmp_path: Path) -> None:
    out = str(tmp_path / "s")
    with Market(models=4, seed=2) as market:
        how = ("run", market.url, "--out", out, "--draws", "40", "--cap", "5", "--eps", "0.2")
        evenodds(*how, "--rule", "e_bh_all")
    said = " ".join(evenodds("analyse", out).split())
    assert "of all these verdicts wrong on average" in said
    (found,) = json.loads(evenodds("analyse", out, "--json"))["questions"]
    assert found["pooled"] and found["method"] == "e-BH"
    judged = {row["model"]: row["judged"] for row in found["rows"]}
    store = Store(tmp_path / "s" / "survey.sqlite", read_only=True)
    for (asked, _), stop in store.stops().items():  # the claim that was asked for, and no other
        if asked in judged:
            assert judged[asked]["verdict"] == judged[asked]["together"] == stop.verdict
    said = " ".join(evenodds("analyse", out, "--eps", "0.3").split())
    assert "of each list wrong on average" in said
