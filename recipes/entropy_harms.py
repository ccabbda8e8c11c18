"""Where an entropy bonus harms: a target that is not uniform, and what repairs it.

    python recipes/entropy_harms.py [--seeds 3] [--workers 1]

Two prompts with stated odds, each taught alone: a bent coin and a choice of three. Arms: GRPO with
reward `valid` and an entropy bonus, with the reward `witness`, with both, and `match`. For each: tv
to the stated odds and to even odds, exact, as the mean over the last five probes of 180 steps.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from evenodds.study.grid import Cell, Row, grid, run_grid
from evenodds.study.summary import grouped, last_mean, spread

ASKED = {
    "coin, 85 to 15": (
        "A coin shows heads 85% of the time. Flip it: heads or tails?",
        "weighted(heads=85, tails=15)",
    ),
    "choice, 70 to 20 to 10": (
        "Pick red with probability 70%, blue with 20%, green with 10%. Answer with one word.",
        "weighted(red=70, blue=20, green=10)",
    ),
}
RL = {"group": 32, "lr": 1e-4, "completion": 8, "schedule": "cosine"}
ARMS: dict[str, dict[str, Any]] = {
    "valid + entropy": {"reward": "valid", "entropy": 0.1, **RL},
    "witness": {"reward": "witness", **RL},
    "witness + entropy": {"reward": "witness", "entropy": 0.1, **RL},
    "match": {},
}


def main() -> None:
    """Run what is owed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/entropy_harms"))
    asked = parser.parse_args()
    cells = grid(seed=range(asked.seeds), task=ASKED, arm=ARMS)
    rows = run_grid(one_run, cells, asked.out, workers=asked.workers)
    print("| prompt | method | tv before | tv to the stated odds | tv to even odds | CPU s |")
    print("|---|---|---|---|---|---|")
    for (task, arm), members in grouped(rows, "task", "arm").items():
        names = ("before", "stated", "even", "cpu_seconds")
        shown = [str(spread(row[name] for row in members)) for name in names]
        print(f"| {task} | {arm} | " + " | ".join(shown) + " |")


def one_run(cell: Cell) -> Row:
    """One arm on one prompt with one seed."""
    from evenodds.distributions import parse
    from evenodds.models.load import load_model
    from evenodds.tasks.task import Task
    from evenodds.train.methods import method
    from evenodds.train.run import train

    prompt, target = ASKED[cell["task"]]
    task, local = Task(prompt, parse(target)), load_model("tiny")
    told: list[tuple[float, float]] = []
    config = method("match" if cell["arm"] == "match" else "grpo").config(
        **{
            "steps": 180,
            "batch": 1,
            "seed": cell["seed"],
            "replay": 0.0,
            "noise": 0.0,
            "average": 0.0,
            "probe_every": 10,
            "checkpoint_every": 10**6,
            **ARMS[cell["arm"]],
        }
    )

    def look() -> dict[str, float]:
        told.append(distances(local, task))
        return {}

    with tempfile.TemporaryDirectory() as folder:
        train(local, [task], config, Path(folder) / "run", probe=look)
    stated, even = zip(*told[1:], strict=True)
    return {"before": told[0][0], "stated": last_mean(stated, 5), "even": last_mean(even, 5)}


def distances(local: Any, task: Any) -> tuple[float, float]:
    """tv of the model's answers to the stated odds, and to even odds; invalid mass counts."""
    from evenodds.measure.exact import measure_exact

    said = measure_exact(local, task).model_pmf
    fair = {str(outcome): float(p) for outcome, p in task.law.pmf().probs().items()}
    even = dict.fromkeys(fair, 1 / len(fair))
    return tuple(  # type: ignore[return-value]
        sum(max(0.0, p - said.get(outcome, 0.0)) for outcome, p in law.items())
        for law in (fair, even)
    )


if __name__ == "__main__":
    main()
