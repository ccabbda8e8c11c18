"""Tasks of one's own in YAML: what is written is what is asked; every fault names its line."""

from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evenodds.cli.suites import app
from evenodds.errors import SuiteError
from evenodds.measure.exact import measure_exact
from evenodds.models.scripted import Scripted
from evenodds.tasks import AnswerFormat, Suite, load_suite, save_suite
from evenodds.tasks.own import read_own

ROOT = Path(__file__).parents[2]

GUEST = """\
tasks:
  - name: guest
    prompts:
      - Who comes next?
      - Name the guest.
    unseen:
      - The door opens.
    target: {Ana: 2, Ben: 1}
"""


def _suite(text: str) -> Suite:
    name, tasks = read_own(text, "own.yaml")
    return Suite(name or "own", tuple(tasks))


names = st.text("abcdefghijkl", min_size=1, max_size=6)
weights = st.fractions(0, 1000, max_denominator=50).filter(lambda x: x > 0)


@given(st.dictionaries(names, weights, min_size=1, max_size=6))
def test_a_map_of_weights_is_the_law_in_proportion(law: dict[str, Fraction]) -> None:
    text = yaml.safe_dump(
        {"tasks": [{"prompt": "Pick.", "target": {x: str(w) for x, w in law.items()}}]}
    )
    (task,) = _suite(text)
    total = sum(law.values())
    assert {x: task.law.prob(x) for x in law} == {x: w / total for x, w in law.items()}
    assert task.law.support_size == len(law)


@given(
    st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4, unique_by=str.casefold)
)
def test_prompts_arrive_as_they_were_written(prompts: list[str]) -> None:
    words = [f"{prompt} {i}" for i, prompt in enumerate(prompts)]
    text = yaml.safe_dump({"tasks": [{"prompts": words, "target": "coin(0.5)"}]})
    assert [task.prompt for task in _suite(text)] == words


def test_one_block_gives_a_task_a_prompt_and_holds_out_the_unseen() -> None:
    suite = _suite(f"name: cafe\n{GUEST}")
    assert suite.name == "cafe"
    assert [(t.prompt, t.split, t.name, t.family, t.kind) for t in suite] == [
        ("Who comes next?", "train", "guest/train/1", "guest", "random"),
        ("Name the guest.", "train", "guest/train/2", "guest", "random"),
        ("The door opens.", "unseen_phrasing", "guest/unseen_phrasing/1", "guest", "random"),
    ]
    assert {str(t.target) for t in suite} == {'weighted({"Ana": 2, "Ben": 1})'}


@pytest.mark.parametrize(
    ("target", "law"),
    [
        ("uniform(1, 6)", "uniform(1, 6)"),
        ("[Yes, No]", 'uniform(["Yes", "No"])'),
        ("[1, 5, 9]", "uniform([1, 5, 9])"),
        ('["1", 5]', 'uniform(["1", "5"])'),
        ("{1: 50%, 2: 50 %}", "weighted({1: 50, 2: 50})"),
        ("{007: 1, 12:30: 2, 1.50: 3}", 'weighted({"007": 1, "12:30": 2, "1.50": 3})'),
        ("{1.50: 3, -2: 1/3}", "weighted({1.50: 3, -2: 1/3})"),
        ("{true: 1, null: 2, 2024-01-31: 0.5}",
         'weighted({"true": 1, "null": 2, "2024-01-31": 0.5})'),
        ("{a: 33.3%, b: 33.3%, c: 33.4%}", 'weighted({"a": 33.3, "b": 33.3, "c": 33.4})'),
    ],
)  # fmt: skip
def test_outcomes_are_read_as_they_stand(target: str, law: str) -> None:
    (task,) = _suite(f"tasks:\n- prompt: Pick.\n  target: {target}\n")
    assert str(task.target) == law


def test_an_answer_makes_a_deterministic_task() -> None:
    twin, also = _suite(
        "tasks:\n- {prompt: Add 2 and 2., answer: 4}\n"
        "- {prompt: Add 3 and 2., target: fixed(5), kind: deterministic}\n"
    )
    assert (twin.kind, also.kind) == ("deterministic", "deterministic")
    assert twin.law.pmf().probs() == {4: 1.0}


def test_formats_fields_and_families_reach_the_task() -> None:
    first, second, third = _suite(
        "tasks:\n- prompt: Roll.\n  target: uniform(1, 6)\n  format: {kind: tag, label: roll}\n"
        "  family: dice\n  category: game\n  level: 3\n  split: unseen_family\n"
        "- {prompt: Roll it., target: 'uniform(1, 6)', format: 'tag:roll'}\n"
        "families:\n- {family: die, category: game, level: 1, target: 'uniform(1, {n})',\n"
        "   parameters: {train: [{n: 8}]}, prompts: {train: {bare: ['Roll a d{n}.']}}}\n"
    )
    assert (first.family, first.category, first.level, first.split) == (
        *("dice", "game", 3, "unseen_family"),
    )
    assert first.format == second.format == AnswerFormat("tag", "roll")
    assert (third.prompt, str(third.target)) == ("Roll a d8.", "uniform(1, 8)")


BAD = [
    ("", "line 1: there is nothing"),
    ("tasks:\n  - name: a\n   prompt: b", "line 3: no YAML"),
    ("tasks:\n- prompt: Roll: now\n  target: coin(0.5)", "line 2: no YAML (mapping values"),
    ("- prompt: Roll.", "line 1: a file of tasks has fields"),
    ("task: []", "line 1: no file of tasks has a field 'task'"),
    ("tasks: []", "line 1: tasks is a list"),
    ("name: x", "line 1: there is no task"),
    ("tasks:\n- Roll.", "line 2: a task has fields"),
    ("tasks:\n- prompt: Roll.", "line 2: a task has target or answer, and there is neither"),
    ("tasks:\n- target: coin(0.5)", "line 2: a task has prompts or prompt, and there is neither"),
    ("tasks:\n- {prompt: a, prompts: [b], target: coin()}", "and both are there"),
    ("tasks:\n- prompt: Roll.\n  targt: coin()", "line 3: no task has a field 'targt'"),
    ("tasks:\n- prompt: Roll.\n  prompt: Flip.", "line 3: prompt stands here twice"),
    ("tasks:\n- prompts: Roll.\n  target: coin()", "line 2: prompts is a list"),
    ("tasks:\n- prompts:\n  - Roll.\n  - Hi there: roll.\n  target: coin()", "line 4: YAML reads"),
    ("tasks:\n- prompts:\n  - Roll.\n  -\n  target: coin()", "line 4: a prompt is a text"),
    ("tasks:\n- prompts:\n  - Roll.\n  - Flip.\n  - Roll.\n  target: coin()",
     "line 5: the same prompt, target and format as on line 3"),
    ("tasks:\n- prompt: Roll a die.\n  unseen:\n  - roll a DIE!\n  target: coin()",
     "line 4: held out, but trained on line 2"),
    ("tasks:\n- {prompt: a, unseen: [b], split: unseen_family, target: coin()}",
     "line 2: the whole task is held out as unseen_family"),
    ("tasks:\n- prompt: Roll.\n  target: coin(2)", "line 3: coin(2)"),
    ("tasks:\n- prompt: Roll.\n  target: dye(6)", "line 3: the expression dye(6)"),
    ("tasks:\n- prompt: Roll.\n  target:\n    a: 1\n    a: 2", "line 5: the outcome 'a' is on"),
    ("tasks:\n- prompt: Roll.\n  target:\n    a: 1\n    b: -2", "line 5: '-2' is no weight"),
    ("tasks:\n- prompt: Roll.\n  target:\n    a: many", "line 4: 'many' is no weight"),
    ("tasks:\n- prompt: Roll.\n  target:\n    a: [1]", "line 4: a weight is a text"),
    ("tasks:\n- prompt: Roll.\n  target:\n    a: 50%\n    b: 0.5", "line 5: the weight 0.5 is"),
    ("tasks:\n- prompt: Roll.\n  target:\n    a: 50%\n    b: 49%", "line 4: the percentages add"),
    ("tasks:\n- prompt: Roll.\n  target: {a: 0}", "line 3: weighted"),
    ("tasks:\n- prompt: Roll.\n  target: {}", "line 3: weighted"),
    ("tasks:\n- prompt: Roll.\n  target: [a, a]", "line 3: the outcome 'a' is on line 3"),
    ("tasks:\n- prompt: Roll.\n  target: [a, A]\n  format: xml", "line 4: 'xml' is no answer"),
    ("tasks:\n- prompt: Roll.\n  target: coin()\n  format: {kind: tag, name: x}",
     "line 4: no format has a field 'name'"),
    ("tasks:\n- prompt: Roll.\n  target: coin()\n  format: {label: x}", "line 4: The format bare"),
    ("tasks:\n- prompt: Roll.\n  target: ['</answer>', b]\n  format: tag", "line 2: The outcome"),
    ("tasks:\n- prompt: Roll.\n  target: coin()\n  level: 9", "line 4: level is '9': use one of 1"),
    ("tasks:\n- prompt: Roll.\n  target: coin()\n  category: games", "line 4: category is 'ga"),
    ("tasks:\n- prompt: Roll.\n  target: coin()\n  kind: fixed", "line 4: kind is 'fixed'"),
    ("tasks:\n- prompt: Roll.\n  target: coin()\n  kind: deterministic", "line 2: A determ"),
    ("tasks:\n- {name: a, prompt: b, answer: 1}\n- {name: a, prompt: c, answer: 1}",
     "line 3: line 2 has the name 'a' too"),
    ("families:\n- {family: die, category: game, level: 1, target: coin(), prompts: [a]}",
     "line 2: a family of another shape"),
    ("families:\n- {family: die, category: game, level: 1, prompts: {train: {bare: [a]}}}",
     "line 2: family 'die': missing 'target'"),
    ('tasks:\n- prompt: "\\ud800"\n  target: coin()', "line 2"),
    ("[" * 100_000, "line 1: no YAML"),
    ("tasks: &a [*a]", "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    assert str(caught.value).startswith(f"{path}, ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_its_own_is_a_suite_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "cafe.yml").write_text(GUEST, encoding="utf-8-sig")
    suite = load_suite(tmp_path / "cafe.yml")
    assert suite.name == "cafe"
    save_suite(suite, tmp_path / "cafe.jsonl")
    assert load_suite(tmp_path / "cafe.jsonl") == suite
    model = Scripted("ana", suite.tasks[0].law.pmf())
    assert measure_exact(model, suite.tasks[0])["tv"] == pytest.approx(0, abs=1e-9)


def test_the_personas_of_the_recipe_are_as_the_page_tells() -> None:
    suite = load_suite(ROOT / "recipes/personas.yaml")
    assert suite.splits == {"train": 12, "unseen_phrasing": 4}
    assert suite.tasks[0].law.pmf().probs() == {"student": 0.5, "parent": 0.3, "retiree": 0.2}
    assert {task.kind for task in suite if task.family == "bill"} == {"deterministic"}


def test_the_command_line_shows_them() -> None:
    from typer.testing import CliRunner

    done = CliRunner().invoke(app, ["show", str(ROOT / "recipes/personas.yaml")])
    assert done.exit_code == 0
    assert 'weighted({"student": 50, "parent": 30, "retiree": 20})' in done.output
