"""`evenodds suites`: lists and shows, as text and as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evenodds.cli.suites import app
from evenodds.errors import SuiteError
from evenodds.tasks import BUILT_IN, load_suite, save_suite


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_the_list_names_every_suite_with_hash_size_and_splits() -> None:
    lines = _run().splitlines()
    assert max(map(len, lines)) <= 80
    for name, line in zip(BUILT_IN, lines[1:], strict=False):
        suite = load_suite(name)
        assert line.split()[:3] == [name, suite.hash, str(len(suite))]
        assert sorted(map(int, line.split()[3:]))[-len(suite.splits) :] == sorted(
            suite.splits.values()
        )
    assert [row["splits"] for row in json.loads(_run("--json"))] == [
        load_suite(name).splits for name in BUILT_IN
    ]


def test_a_split_is_shown() -> None:
    suite = load_suite("die")
    shown = json.loads(_run("show", "die", "--split", "unseen_phrasing", "--json"))
    tasks = suite.split("unseen_phrasing")
    assert [task["key"] for task in shown["tasks"]] == [task.key for task in tasks]
    text = _run("show", "die", "--split", "unseen_phrasing")
    assert all(task.key in text and task.prompt.splitlines()[0] in text for task in tasks)


def test_a_file_is_shown_and_a_wrong_name_refused(tmp_path: Path) -> None:
    save_suite(load_suite("coin"), tmp_path / "mine.jsonl")
    assert json.loads(_run("show", str(tmp_path / "mine.jsonl"), "--json"))["name"] == "mine"
    with pytest.raises(SuiteError, match="split 'test'"):
        _run("show", "coin", "--split", "test")
