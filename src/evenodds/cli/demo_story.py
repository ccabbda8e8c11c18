"""What a demo is, what it found, and the story that this tells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenodds.measure.record import Measurement
    from evenodds.report.story import Kept, Moment, Story
    from evenodds.tasks.suite import Suite
    from evenodds.train.events import Event
    from evenodds.train.run import Trained


@dataclass(frozen=True)
class Demo:
    """What decides a demo: where it writes, which model, CPU seconds of training, the seed."""

    out: Path
    model: str
    seconds: float
    seed: int

    @property
    def command(self) -> str:
        """The command that repeats it."""
        return f"evenodds demo --model {self.model} --seconds {self.seconds:g} --seed {self.seed}"


@dataclass(frozen=True)
class Measured:
    """A model at one time: every task of the suite, and ordinary instructions by kind."""

    tasks: list["Measurement"]
    rightly: dict[str, float]


def demo_story(
    chosen: Demo,
    suite: "Suite",
    measured: tuple[Measured, Measured],
    kept: Sequence["Kept"],
    run: tuple["Trained", list["Event"]],
) -> "Story":
    """Return the story: `measured` and `kept` before and after, `run` with the events between."""
    from evenodds.report.story import Story, paired

    (before, after), (trained, events) = measured, run
    entropies = [event.values["entropy"] for event in events if event.kind == "step"]
    lead = before.tasks[0]
    return Story(
        model=chosen.model,
        pairs=paired(before.tasks, after.tasks),
        curve=curve(events),
        kept=kept,
        seconds=trained.seconds,
        steps=trained.step,
        seed=chosen.seed,
        floor=_last(entropies),
        decoding=_plain(lead),
        suites={suite.name: suite.hash},
        versions=after.tasks[0].versions,
        commands=("make install", f".venv/bin/{chosen.command}"),
    )


def curve(events: Iterable["Event"]) -> list["Moment"]:
    """Return the learning curve that a run's events tell, in CPU seconds."""
    from evenodds.report.story import Moment

    found = [(event, _numbers(event)) for event in events if event.kind in ("step", "probe")]
    return [
        Moment(event.step, event.seconds, told.get("loss"), told.get("tv"), told.get("tv_unseen"))
        for event, told in found
    ]


def _numbers(event: "Event") -> dict[str, float]:
    values = event.values.items()
    return {name: float(value) for name, value in values if isinstance(value, int | float)}


def _last(values: Sequence[object]) -> float | None:
    return float(values[-1]) if values and isinstance(values[-1], int | float) else None


def _plain(measured: "Measurement") -> dict[str, object]:
    told = measured.decoding.to_json()
    return {name: told[name] for name in ("temperature", "top_k", "top_p", "min_p")}
