"""A suite as a survey, from the command line to the page: laws in full, models over all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evenodds.cli import app
from evenodds.errors import RunError
from evenodds.report.survey_overall import MANY
from evenodds.survey.market import Market


def evenodds(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["survey", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey of the suite `coin` and of a die, of five models."""
    out = tmp_path_factory.mktemp("suite") / "survey"
    with Market(models=5, seed=3, latency=0.0, faults="none") as market:
        how = ["--suite", "coin", "-q", "die", "--draws", "15", "--cap", "5", "--out", str(out)]
        evenodds("run", market.url, *how)
    return out


def test_every_law_is_a_question_and_the_folder_tells_all(folder: Path) -> None:
    said = evenodds("report", str(folder), "--show", "2")
    assert "over all questions" in said and "most biased question first" in said
    assert max(map(len, said.splitlines())) <= 80 or "Written" in said.splitlines()[-1]
    found = json.loads((folder / "report.json").read_text())["analysis"]
    names = [each["question"] for each in found["questions"]]
    assert len(names) == 21 > MANY and "die" in names and "coin/coin labels 2" in names
    assert len(found["overall"]) == 5
    assert all(row["questions"] <= 21 for row in found["overall"])
    page = (folder / "report.html").read_text()
    assert "5 models over 21 questions" in page and page.count("<h2>Every model</h2>") == MANY
    assert "--suite coin" in page and "-q die" in page and "-q coin/" not in page
    everything = evenodds("report", str(folder), "--all")
    assert all(f"{name}: of 5 models" in everything.replace("\n", " ") for name in names)


def test_a_changed_suite_is_another_survey(folder: Path) -> None:
    with Market(models=5, seed=3, latency=0.0, faults="none") as market:
        how = ["--suite", "die", "--draws", "15", "--cap", "5", "--out", str(folder)]
        done = CliRunner().invoke(app, ["survey", "run", market.url, *how])
    assert isinstance(done.exception, RunError) and "questions" in str(done.exception)
