"""The demo's order of things, with models whose laws are given and a training that only tells."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evenodds.cli import demo as command
from evenodds.cli.demo_story import Demo, curve
from evenodds.distributions import Pmf
from evenodds.errors import RunError
from evenodds.models.scripted import Scripted
from evenodds.tasks.suite import load_suite
from evenodds.train.events import Event

SUITE = load_suite("die")
FORMATS = {task.prompt: task.format for task in SUITE.tasks}
STUCK = {1: 3, 2: 3, 3: 2, 4: 85, 5: 2, 6: 4}
EVENTS = [
    Event("start", 0, 0.0),
    Event("probe", 0, 0.1, {"tv": 0.7, "tv_unseen": 0.7, "p:4": 0.85}),
    Event("step", 5, 0.5, {"loss": 2.0, "entropy": 1.79, "replay": 0.0, "lr": 1e-3}),
    Event("probe", 5, 0.6, {"tv": 0.1, "tv_unseen": 0.2, "p:4": 0.2}),
    Event("done", 5, 0.7, {"loss": 1.8, "reason": "steps"}),
]


class Model(Scripted):
    """A scripted model that answers each prompt of the suite in its format."""

    def __init__(self, name: str, weights: dict[int, int], other: int) -> None:
        super().__init__(name, lambda prompt: self.answers(prompt, weights, other))
        self.model = SimpleNamespace(num_parameters=lambda: 1_100_000)

    @staticmethod
    def answers(prompt: str, weights: dict[int, int], other: int) -> Pmf[str]:
        if prompt not in FORMATS:
            return Pmf({"yes": 1})
        replies = {FORMATS[prompt].spellings(face)[0]: w for face, w in weights.items()}
        return Pmf({**replies, "<script>no</script>": other} if other else replies)


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put scripted models and a training that ends for the given reason in place of real ones."""
    models = iter([Model("tiny", STUCK, 1), Model("model", dict.fromkeys(STUCK, 1), 0)])

    def stage(reason: str) -> None:
        def train(*given: Any, on_event: Any, probe: Any, **options: Any) -> SimpleNamespace:
            for event in EVENTS:
                on_event(event)
            return SimpleNamespace(
                model=Path("model"), step=5, seconds=0.7, loss=1.8, reason=reason
            )

        monkeypatch.setattr("evenodds.models.load.load_model", lambda name: next(models))
        monkeypatch.setattr("evenodds.train.run.train", train)

    return stage


def test_the_demo_tells_its_story(
    staged: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    staged("steps")
    out = tmp_path / "demo"
    story = command.run(Demo(out, "tiny", 1.0, 0))
    said = capsys.readouterr().out
    assert max(len(line) for line in said.splitlines() if str(tmp_path) not in line) <= 80
    assert "Asked to roll a die, tiny said 4 in 85 of 100 rolls." in said
    assert "it rolls fair." in " ".join(said.split())
    assert [(row.split, row.n) for row in command_rows(story)] == [
        (split, n) for split, n in SUITE.splits.items()
    ]
    assert story.suites == {"die": SUITE.hash}
    assert {path.name for path in out.iterdir()} == {
        "index.html",
        "before.jsonl",
        "after.jsonl",
        "demo.json",
    }
    assert "<script" not in (out / "index.html").read_text("utf-8")
    record = json.loads((out / "demo.json").read_text("utf-8"))
    assert record["command"] == "evenodds demo --model tiny --seconds 1 --seed 0"
    assert len((out / "before.jsonl").read_text("utf-8").splitlines()) == len(SUITE)


def test_the_demo_prints_its_record_alone_as_json(
    staged: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    staged("steps")
    command.demo(tmp_path / "demo", "tiny", 1.0, 0, as_json=True)
    record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert record == json.loads((tmp_path / "demo" / "demo.json").read_text("utf-8"))
    assert record["suites"] == {"die": SUITE.hash}
    assert (tmp_path / "demo" / "index.html").exists()


def command_rows(story: Any) -> Any:
    from evenodds.report.story import rows

    return rows(story.pairs)


def test_an_interrupted_demo_leaves_no_page(staged: Callable[[str], None], tmp_path: Path) -> None:
    staged("interrupted")
    out = tmp_path / "demo"
    out.mkdir()
    (out / command.MARK).write_text("{}")
    (out / command.PAGE).write_text("an older page")
    with pytest.raises(KeyboardInterrupt):
        command.run(Demo(out, "tiny", 1.0, 0))
    assert [path.name for path in out.iterdir()] == [command.MARK]


def test_the_demo_refuses_before_it_loads_anything(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(RunError, match="holds no demo"):
        command.run(Demo(tmp_path, "tiny", 1.0, 0))


def test_the_curve_keeps_steps_and_probes_in_order() -> None:
    told = curve(EVENTS)
    assert [moment.step for moment in told] == [0, 5, 5]
    assert [moment.tv for moment in told] == [0.7, None, 0.1]
    assert [moment.loss for moment in told] == [None, 2.0, None]
