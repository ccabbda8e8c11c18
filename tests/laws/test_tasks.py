"""Tasks, twins and suites: keys, round trips, bad lines."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.distributions import parse
from evenodds.errors import EvenoddsError, FormatError, SuiteError
from evenodds.tasks import (
    AnswerFormat,
    Hit,
    Suite,
    Task,
    load_suite,
    relabelled,
    reordered,
    save_suite,
)
from evenodds.tasks.family import expand

tasks = st.builds(
    Task,
    prompt=st.text(min_size=1).filter(str.strip),
    target=st.sampled_from(["uniform(1, 6)", "coin(0.7)", 'shuffle("a", "b")']).map(parse),
    format=st.sampled_from([AnswerFormat(), AnswerFormat("tag"), AnswerFormat("prefix", "Roll: ")]),
    level=st.integers(1, 4),
    name=st.text(max_size=5),
)


@given(tasks)
def test_a_task_survives_json(task: Task) -> None:
    again = Task.from_json(json.loads(json.dumps(task.to_json())))
    assert again == task
    assert again.key == task.key
    assert hash(again) == hash(task)


@given(tasks)
def test_the_key_names_prompt_target_and_format_alone(task: Task) -> None:
    assert replace(task, name="x", level=4, split="unseen_family", category="game").key == task.key
    assert replace(task, prompt=task.prompt + "!").key != task.key
    assert replace(task, format=AnswerFormat("json")).key != task.key
    assert replace(task, target=parse("uniform(1, 7)")).key != task.key


def test_equal_targets_written_differently_have_one_key() -> None:
    assert Task("Roll.", parse("uniform( 1,6 )")).key == Task("Roll.", parse("uniform(1, 6)")).key


def test_a_task_reads_replies_with_its_own_prompt() -> None:
    task = Task("Pick a number between 1 and 6.", parse("uniform(1, 6)"))
    assert task.parse("Pick a number between 1 and 6: 5") == Hit(5)


@pytest.mark.parametrize(
    "record",
    [
        [],
        {"prompt": "Roll."},
        {"prompt": 3, "target": "uniform(1, 6)"},
        {"prompt": " ", "target": "uniform(1, 6)"},
        {"prompt": "Roll.", "target": "uniform(6, 1)"},
        {"prompt": "Roll.", "target": "__import__('os')"},
        {"prompt": "Roll.", "target": "uniform(1, 6)", "split": "test"},
        {"prompt": "Roll.", "target": "uniform(1, 6)", "level": 9},
        {"prompt": "Roll.", "target": "uniform(1, 6)", "sides": 6},
        {"prompt": "Roll.", "target": "uniform(1, 6)", "format": "xml"},
        {"prompt": "Roll.", "target": "uniform(1, 6)", "format": {"kind": "tag", "name": "x"}},
        {"prompt": "Roll.", "target": "uniform(1, 6)", "format": 3},
    ],
)
def test_records_that_are_no_task_are_refused(record: Any) -> None:
    with pytest.raises(EvenoddsError):
        Task.from_json(record).check()


def test_a_deterministic_task_has_one_right_answer() -> None:
    Task("What is 3 + 4?", parse("fixed(7)"), kind="deterministic").check()
    with pytest.raises(FormatError, match="one right answer"):
        Task("Roll.", parse("uniform(1, 6)"), kind="deterministic").check()


# --- twins


def test_relabelling_moves_the_chances_with_the_labels() -> None:
    task = Task("red with 75%, blue with 25%. Not bluest.", parse("weighted(red=3, blue=1)"))
    twin = relabelled(task, {"red": "dax", "blue": "wug two"})
    assert twin.prompt == "dax with 75%, wug two with 25%. Not bluest."
    assert twin.law.pmf().probs() == {"dax": 0.75, "wug two": 0.25}
    assert relabelled(twin, {"dax": "red", "wug two": "blue"}).law.pmf() == task.law.pmf()


def test_labels_may_be_swapped() -> None:
    task = Task("heads (70%) or tails (30%)?", parse("coin(0.7)"))
    twin = relabelled(task, {"heads": "tails", "tails": "heads"})
    assert twin.prompt == "tails (70%) or heads (30%)?"
    assert twin.law.prob("tails") == task.law.prob("heads")


def test_reordering_twice_is_nothing() -> None:
    task = Task("Pick one: red, blue, green, red apple.", parse('uniform("red", "blue", "green")'))
    assert reordered(task).prompt == "Pick one: green, blue, red, green apple."
    assert reordered(reordered(task)).prompt == task.prompt
    assert reordered(task).target == task.target


@pytest.mark.parametrize(
    "twin",
    [
        lambda: reordered(Task("heads 70%, tails 30%", parse("coin(0.7)"))),
        lambda: reordered(Task("Flip a coin.", parse("coin(0.5)"))),
        lambda: relabelled(Task("Flip a coin.", parse("coin(0.5)")), {"heads": "H"}),
        lambda: relabelled(Task("heads or tails", parse("coin(0.5)")), {"edge": "E"}),
        lambda: relabelled(Task("heads or tails", parse("coin(0.5)")), {"heads": "tails"}),
    ],
)
def test_twins_that_would_ask_something_else_are_refused(twin: Any) -> None:
    with pytest.raises(FormatError):
        twin()


# --- suites


def test_a_suite_survives_its_file(tmp_path: Path) -> None:
    suite = load_suite("die")
    save_suite(suite, tmp_path / "die.jsonl")
    again = load_suite(tmp_path / "die.jsonl")
    assert again == suite
    assert again.hash == suite.hash


GOOD = '{"prompt": "Roll a die.", "target": "uniform(1, 6)"}'


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "line 3: no JSON at column 2"),
        ('{"prompt": "x", "target": "coin()", "format": {"kind": "tag", "label": 5}}',
         "line 3: 5 cannot be a label: give a text"),
        ("[1]", "line 3: A task is an object"),
        (GOOD, "line 3: the same task as line 1"),
        ('{"prompt": "Flip.", "target": "coin(2)"}', "line 3"),
        ('{"prompt": "Flip.", "target": NaN}', "line 3: NaN is no JSON"),
        ('{"prompt": "x", "target": "uniform(\\"</answer>\\", \\"b\\")", "format": "tag"}',
         "line 3: The outcome '</answer>' cannot be spelled"),
        ("[" * 100_000, "line 3"),
        ('{"prompt": "\\ud800", "target": "coin(0.5)"}', "line 3"),
        ('{"prompt": "Flip.", "target": "coin(0.5)", "name": 5}', "line 3: name is 5"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_its_reason(tmp_path: Path, bad: str, reason: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(f"{GOOD}\n\n{bad}\n")
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    assert "mine.jsonl" in str(caught.value)
    assert reason in str(caught.value)


def test_files_that_are_no_suite_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "W\xfcrfel"}')
    for name in ("empty.jsonl", "latin.jsonl", "missing.jsonl"):
        with pytest.raises(SuiteError, match=name):
            load_suite(tmp_path / name)
    with pytest.raises(SuiteError, match="die, coin, core"):
        load_suite("dies")
    with pytest.raises(SuiteError, match="unseen_family"):
        load_suite("die").split("unseen_family")


def test_suites_are_equal_in_hash_exactly_when_in_content() -> None:
    a, b = Task("Roll.", parse("uniform(1, 6)")), Task("Flip.", parse("coin(0.5)"))
    assert Suite("x", (a, b)).hash == Suite("y", (a, b)).hash
    assert Suite("x", (a, b)).hash != Suite("x", (b, a)).hash


FAMILY: dict[str, Any] = {
    "family": "die",
    "category": "game",
    "level": 1,
    "target": "uniform(1, {n})",
    "parameters": {"train": [{"n": 6}, {"n": 8}, {"n": 4}], "unseen_parameters": [{"n": 20}]},
    "prompts": {"train": {"bare": ["Roll a d{n}."], "tag:roll": ["Roll d{n}. {x}"]}},
}


def test_a_family_pairs_phrasings_with_parameters() -> None:
    expanded = expand({"families": [FAMILY]}, "own.yaml")
    assert [(t.prompt, t.format.label, str(t.target), t.split) for t in expanded] == [
        ("Roll a d6.", "", "uniform(1, 6)", "train"),
        ("Roll d8. {x}", "roll", "uniform(1, 8)", "train"),
        ("Roll a d4.", "", "uniform(1, 4)", "train"),
        ("Roll a d20.", "", "uniform(1, 20)", "unseen_parameters"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"target": "nothing(1)"},
        {"levels": 1},
        {"level": "high"},
        {"prompts": {"train": {"bare": [3]}}},
        {"prompts": {"train": {"xml": ["Roll."]}}},
    ],
)
def test_a_bad_family_is_named(change: dict[str, Any]) -> None:
    with pytest.raises(SuiteError, match=r"own.yaml, family 'die'"):
        expand({"families": [FAMILY | change]}, "own.yaml")
    with pytest.raises(SuiteError, match="missing 'target'"):
        expand({"families": [{k: v for k, v in FAMILY.items() if k != "target"}]}, "own.yaml")
