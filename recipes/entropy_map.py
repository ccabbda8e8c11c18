"""The map of the entropy bonus: coefficient x learning rate -> collapsed, fair or gibberish.

    python recipes/entropy_map.py [--seeds 5] [--workers 1] [--publish docs/figures]

GRPO on one prompt for a die, reward 1 for a valid roll. Every run has as many steps at a constant
learning rate; how it ended is read off means over its last five probes (50 steps), never off its
best moment. Resumable: rows are kept in --out. About 16 CPU minutes for 5 seeds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evenodds.errors import RunError
from evenodds.ledger.files import write_atomically
from evenodds.report.map_figure import End, Told, map_figure
from evenodds.study.grid import Cell, Row, grid, run_grid
from evenodds.study.summary import grouped, last_mean, spread

PROMPT = "Roll a die. Answer with the number only."
COEFFICIENTS = (0.0, 0.003, 0.03, 0.1, 0.3, 1.0)
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
COMMON = {"prompt": PROMPT, "steps": 150, "group": 16, "completion": 6, "probe_every": 10}
TAIL = 5
SEARCHED = 64
FAIR, VALID, TOP = 0.1, 0.5, 0.5
ENDS = (
    End("fair", "=", "good", f"tv to a fair die at most {FAIR:g}"),
    End("collapsed", "4", "stuck", f"one face has more than {TOP:g}, tv above {FAIR:g}"),
    End("gibberish", "?", "broken", f"less than {VALID:g} of the answers are a face"),
    End("between", "·", "between", "none of these, or not yet"),
)


def main() -> None:
    """Run what is owed, print the table, and publish the figure where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=COMMON["steps"])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/entropy_map"))
    parser.add_argument("--publish", type=Path, help="write entropy_map.svg and .jsonl here")
    asked = parser.parse_args()
    cells = grid(seed=range(asked.seeds), entropy=COEFFICIENTS, lr=RATES)
    common = {**COMMON, "steps": asked.steps}
    rows = run_grid(one_run, cells, asked.out, common=common, workers=asked.workers)
    print_table(rows)
    if asked.publish:
        publish(rows, asked.publish, asked.steps)


def one_run(cell: Cell) -> Row:
    """One run of one seed: tv, valid mass and the likeliest face's probability, at every probe."""
    from evenodds.distributions import parse
    from evenodds.measure.exact import measure_bounded
    from evenodds.models.load import load_model
    from evenodds.tasks.task import Task
    from evenodds.train.grpo import GrpoConfig
    from evenodds.train.run import train

    local, die = load_model("tiny"), Task(cell["prompt"], parse("uniform(1, 6)"))
    options = {name: cell[name] for name in (*COMMON, "entropy", "lr", "seed") if name != "prompt"}
    config = GrpoConfig(
        **options, reward="valid", batch=1, schedule="constant", average=0.0, replay=0.0,
        preflight="off", checkpoint_every=10**6,
    )  # fmt: skip

    def probe() -> dict[str, float]:
        found = measure_bounded(local, die, budget=SEARCHED)  # gibberish has no end of replies
        top = max((found.model_pmf or {}).values())
        return {"tv": found["tv"] or 0.0, "valid": found.masses["support"], "top": top}

    events: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        done = train(local, [die], config, f"{folder}/run", probe=probe, on_event=events.append)
    if done.reason == "interrupted":
        raise RunError("the run was asked to end early")
    probes = [event.values for event in events if event.kind == "probe"]
    return {name: [round(p[name], 4) for p in probes] for name in ("tv", "valid", "top")}


def end(row: Row) -> str:
    """How a run ended, by means over its last probes: the name of one of ENDS."""
    tv, valid, top = (last_mean(row[name], TAIL) for name in ("tv", "valid", "top"))
    if valid < VALID:
        return "gibberish"
    if tv <= FAIR:
        return "fair"
    return "collapsed" if top > TOP else "between"


def print_table(rows: Sequence[Row]) -> None:
    """Each cell: how its seeds ended, and the mean and extremes of their tv."""
    print("| coefficient | learning rate | ends | tv, mean (least to most) |\n|---|---|---|---|")
    for (entropy, lr), seeds in grouped(rows, "entropy", "lr").items():
        ends = [end(row) for row in seeds]
        said = ", ".join(f"{ends.count(e.name)} {e.name}" for e in ENDS if e.name in ends)
        tv = spread(last_mean(row["tv"], TAIL) for row in seeds)
        print(f"| {entropy:g} | {lr:g} | {said} | {tv} |")


def publish(rows: Sequence[Row], folder: Path, steps: int) -> None:
    """Write the figure and the rows that it shows."""
    cells = grouped(rows, "lr", "entropy")
    order = [e.name for e in ENDS]
    ends = {at: sorted(map(end, seeds), key=order.index) for at, seeds in cells.items()}
    tv = {
        at: f"tv {spread(last_mean(row['tv'], TAIL) for row in seeds).mean:.2f}"
        for at, seeds in cells.items()
    }
    told = Told(
        f"How a die ends after {steps} steps of GRPO with an entropy bonus",
        "learning rate (constant)",
        "entropy coefficient",
        f"How {len(rows)} runs ended, by entropy coefficient and learning rate.",
    )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    write_atomically(folder / "entropy_map.jsonl", lines)
    write_atomically(folder / "entropy_map.svg", map_figure(told, ENDS, ends, tv))


if __name__ == "__main__":
    main()
