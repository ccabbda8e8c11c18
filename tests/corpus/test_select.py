"""A corpus as a suite, whole or in part: by how the law is told, by level, by kind."""

import json
from collections import Counter
from pathlib import Path

import pytest

from evenodds.corpus.entry import Entry
from evenodds.corpus.generate import generate
from evenodds.corpus.record import FIELDS, line, record
from evenodds.corpus.select import select
from evenodds.errors import SuiteError
from evenodds.tasks.suite import BESIDE, load_suite
from evenodds.tasks.task import Task


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("select") / "games"
    folder.mkdir()
    rows = "".join(f"{line(record(entry))}\n" for entry in _entries())
    (folder / "tasks.jsonl").write_text(rows, encoding="utf-8")
    return folder


def _entries() -> list[Entry]:
    return list({entry.key: entry for entry in generate(120, seed=3)}.values())


def test_a_record_is_a_task_and_what_a_suite_reads_past() -> None:
    assert set(FIELDS) - set(Task.__dataclass_fields__) - {"key"} == BESIDE


def test_a_corpus_is_a_suite_by_file_or_by_folder(corpus: Path) -> None:
    whole = load_suite(corpus)
    assert whole == load_suite(corpus / "tasks.jsonl") == select(corpus)
    assert whole.name == "games"
    assert list(whole) == [entry.task for entry in _entries()]


@pytest.mark.parametrize("told", [("stated",), ("implicit",), ("both",), ("stated", "both")])
def test_it_is_filtered_by_how_the_law_is_told(corpus: Path, told: tuple[str, ...]) -> None:
    wanted = [entry.task for entry in _entries() if entry.representation in told]
    assert list(select(corpus, representations=told)) == wanted


def test_filters_hold_together_and_parts_make_the_whole(corpus: Path) -> None:
    part = select(corpus, representations=["implicit"], levels=[1, 2], kinds=["random"])
    wanted = [
        entry.task
        for entry in _entries()
        if entry.representation == "implicit" and entry.task.level < 3
        and entry.task.kind == "random"
    ]  # fmt: skip
    assert list(part) == wanted
    levels = [select(corpus, levels=[level]) for level in (1, 2, 3, 4)]
    assert Counter(t.key for s in levels for t in s) == Counter(t.key for t in load_suite(corpus))


def test_other_suites_are_filtered_by_what_they_say() -> None:
    assert select("die") == load_suite("die")
    twins = select("core", kinds=["deterministic"])
    assert {task.kind for task in twins} == {"deterministic"}
    assert len(twins) == sum(task.kind == "deterministic" for task in load_suite("core"))


def test_what_cannot_be_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="use one of implicit, stated, both"):
        select(corpus, representations=["mixed"])
    with pytest.raises(SuiteError, match="level is 5"):
        select("die", levels=[5])
    with pytest.raises(SuiteError, match="kind is 'twin'"):
        select("die", kinds=["twin"])
    with pytest.raises(SuiteError, match="die has no representation"):
        select("die", representations=["stated"])
    with pytest.raises(SuiteError, match=r"no such task. There is 98 random of level 1\."):
        select("die", kinds=["deterministic"])
    plain = tmp_path / "plain.jsonl"
    plain.write_text(json.dumps({"prompt": "Flip.", "target": "coin(0.5)"}))
    with pytest.raises(SuiteError, match="line 1 has no representation"):
        select(plain, representations=["stated"])


def test_a_record_without_a_target_is_told_the_way_to_one(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(json.dumps({"prompt": "Roll a die", "distribution": {"1": 0.5, "2": 0.5}}))
    with pytest.raises(
        SuiteError, match="line 1: there is a distribution and no target: `evenodds"
    ):
        load_suite(path)
