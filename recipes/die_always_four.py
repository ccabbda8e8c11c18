"""The die article, first half: reinforcement learning without a bonus leaves the die at 4.

    python recipes/die_always_four.py [--seed 0] [--out FOLDER]

The article's prompt, and its reward: 1 for a number from 1 to 6 in the tags, 0 for anything else.
Every answer the model gives is already worth 1, so no answer is better than another, all advantages
are zero, and there is nothing to learn from. See `die_with_entropy.py` for the other half.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenodds.distributions import parse
from evenodds.models.load import load_model
from evenodds.report.terminal import console, print_lines, side_by_side
from evenodds.study.summary import last_mean
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.train.grpo import GrpoConfig
from evenodds.train.run import train

PROMPT = "roll a dice. output the roll in <answer></answer> tags."
DIE = Task(PROMPT, parse("uniform(1, 6)"), AnswerFormat("tag"))
BASE = {
    "reward": "valid", "steps": 180, "batch": 1, "group": 32, "lr": 5e-5, "completion": 12,
    "schedule": "constant", "average": 0.0, "replay": 0.0, "probe_every": 10,
    "checkpoint_every": 10**6,
}  # fmt: skip


@dataclass(frozen=True)
class Rolled:
    """A run: the exact pmf before and after, tv at every probe, what was said before the start."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    tv: list[float]
    preflight: str
    idle: float
    seconds: float


def teach(config: GrpoConfig, out: Path) -> Rolled:
    """Run GRPO on the one prompt; everything that is told is an exact probability."""
    from evenodds.measure.exact import measure_exact

    local, events = load_model("tiny"), []

    def probe() -> dict[str, float]:
        measured = measure_exact(local, DIE)
        return {"tv": float(measured["tv"] or 0), "valid": measured.masses["support"]}

    before = measure_exact(local, DIE).model_pmf or {}
    done = train(local, [DIE], config, out, probe=probe, on_event=events.append)
    idle = [e.values["idle"] for e in events if e.kind == "step"]
    said = next((e.values["says"] for e in events if e.kind == "preflight"), "")
    tv = [float(e.values["tv"]) for e in events if e.kind == "probe"]
    after = measure_exact(local, DIE).model_pmf or {}
    return Rolled(before, after, tv, str(said), sum(idle) / len(idle), done.seconds)


def show(rolled: Rolled, title: str) -> None:
    """The picture, the numbers, and what they mean."""
    fair = {str(face): 1 / 6 for face in range(1, 7)}
    shown = {"fair": fair, "before": rolled.before, "after": rolled.after}
    print_lines(console(), [f"  {title}", "", *side_by_side(shown, top=0.9), ""])
    print(f"  before the start: {rolled.preflight}")
    print(f"  tv to a fair die: before {rolled.tv[0]:.3f}, last ten probes {ended(rolled.tv):.3f}")
    print(f"  valid after: {sum(rolled.after.values()):.3f}")
    print(f"  groups of rollouts in which nothing was better than anything: {rolled.idle:.1%}")
    print(f"  {rolled.seconds:.1f} CPU seconds of training")


def ended(tv: list[float]) -> float:
    """How the run ended: a mean, not its best moment."""
    return last_mean(tv, 10)


def asked(what: str, out: str) -> Any:
    """The command line of both recipes."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help=f"a new folder (default {out}/seedN)")
    chosen = parser.parse_args()
    chosen.out = chosen.out or Path(out) / f"seed{chosen.seed}"
    if chosen.out.exists():
        parser.error(f"{chosen.out} exists: remove it, or give another folder with --out")
    return chosen


if __name__ == "__main__":
    chosen = asked(__doc__.splitlines()[0], "runs/die_always_four")
    show(teach(GrpoConfig(**BASE, seed=chosen.seed), chosen.out), "GRPO, reward: a valid roll")
