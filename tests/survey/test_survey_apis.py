"""Models behind several APIs: each is asked where it is, with the name and the key of there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evenodds.cli import app
from evenodds.errors import EvenoddsError, RunError
from evenodds.models.endpoint_body import Options
from evenodds.survey.apis import Apis
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.market import Market
from evenodds.survey.model_info import ModelInfo


def evenodds(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["survey", *arguments], env={"KEY_A": "a", "KEY_B": "b"})
    assert done.exit_code == 0, f"{done.output} {done.exception}"
    return done.output


def test_two_listings_are_one_survey(tmp_path: Path) -> None:
    """The same model at two APIs is two models, each asked where it is."""
    places = [Market(models=3, seed=k, latency=0.0, faults="none") for k in (1, 2)]
    with places[0] as one, places[1] as two:
        saved = tmp_path / "both.json"
        evenodds("catalogue", one.url, two.url, "--save", str(saved))
        both = Catalogue.load(saved)
        shared = set(one.models) & set(two.models)
        assert shared and len(both.models) == len(one.models) + len(two.models)
        assert all(
            f"{name}@{two.url.split('/')[2]}" in {m.id for m in both.models} for name in shared
        )
        out = tmp_path / "survey"
        said = evenodds(
            "run", str(saved), "--draws", "5", "--cap", "5", "--out", str(out), "--json"
        )
        assert json.loads(said)["paid"] == 5 * len(both.models)
        for market in (one, two):
            whole = {name: bill["whole"] for name, bill in market.truth()["bill"].items()}
            assert whole == dict.fromkeys(market.models, 5)
        assert (
            one.url in evenodds("report", str(out)) or one.url in (out / "report.html").read_text()
        )


def test_a_list_may_name_apis(tmp_path: Path) -> None:
    rows = tmp_path / "models.csv"
    with Market(models=3, seed=1, latency=0.0, faults="none") as market:
        name = sorted(market.models)[0]
        rows.write_text(
            "id,endpoint,key_env,model,input_per_million,output_per_million\n"
            f"here,{market.url}/models,KEY_A,{name},1,2\nthere,,,{name},1,2\n"
        )
        listed = Catalogue.load(rows)
        assert [(m.url, m.key_env, m.sent) for m in listed.models] == [
            (market.url, "KEY_A", name),
            ("", "", name),
        ]
        how = ["run", str(rows), "--draws", "4", "--cap", "1", "--out", str(tmp_path / "s")]
        done = CliRunner().invoke(app, ["survey", *how])
        assert isinstance(done.exception, EvenoddsError)
        assert "at which API there is asked" in str(done.exception)
        evenodds(*how, "--endpoint", market.url)
        assert market.truth()["bill"][name]["whole"] == 8
    rows.write_text("id,endpoint\nx,not a url\n")
    with pytest.raises(RunError, match="row 2"):
        Catalogue.load(rows)


def test_one_pool_an_api_and_key() -> None:
    url = "http://127.0.0.1:9/v1"
    models = [ModelInfo(f"m{k}", "") for k in range(3)]
    models += [ModelInfo("m3", "", url="http://127.0.0.1:8/v1", sent="other")]
    apis = Apis(models, url, "NO_KEY")
    callers = [apis.caller(model, Options()) for model in models]
    assert len({id(each.connection) for each in callers}) == 2 == len(apis.urls)
    assert [each.model for each in callers] == ["m0", "m1", "m2", "other"]
