"""What was never tried cannot be reinforced: reward one face of a die, ever rarer ones.

    python recipes/reward_never_tried.py [--seeds 5] [--workers 1] [--publish docs/figures]

The model is asked for a roll and gets reward 1 for one face, 0 for anything else. Three arms:
plain RL, RL with an entropy bonus, and RL after `match` has taught the model a fair die (`match` is
told that all faces are equally likely, not which of them will be rewarded). Faces are chosen by how
likely the untrained model is to say them, from 1 in 12 to 1 in a million. For each: rollouts until
the first reward, the probability of the rewarded face over the run (exact, not sampled), pass@k.
Resumable: rows are kept in --out. About 7 CPU minutes for 5 seeds.
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
from evenodds.report.tried_figure import Tried, tried_figure
from evenodds.study.grid import Cell, Row, grid, run_grid
from evenodds.study.summary import grouped, spread

PROMPTS = {
    6: "Roll a die. Answer with the number only.",
    20: "Roll a 20-sided die. Answer with the number only.",
}
FACES = [(6, 1), *((20, face) for face in (12, 16, 4, 1, 20))]
ARMS = {
    "plain RL": {"entropy": 0.0, "matched": 0},
    "RL + entropy bonus": {"entropy": 0.03, "matched": 0},
    "RL after match": {"entropy": 0.0, "matched": 60},
}
COMMON = {"steps": 100, "group": 16, "lr": 1e-4, "completion": 6, "probe_every": 10}
PASS = (1, 8, 64)


def main() -> None:
    """Run what is owed, print the table, and publish the figure where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/never_tried"))
    parser.add_argument("--publish", type=Path, help="write never_tried.svg and .jsonl here")
    asked = parser.parse_args()
    rows = run_grid(
        one_run,
        cells(asked.seeds),
        asked.out,
        common={**COMMON, "arms": ARMS},
        workers=asked.workers,
    )
    print_table(rows)
    if asked.publish:
        publish(rows, asked.publish)


def cells(seeds: int) -> list[Cell]:
    """Every arm with every face, seed by seed, so that a first picture comes early."""
    found = grid(seed=range(seeds), face=FACES, arm=ARMS)
    return [{**c, "sides": c["face"][0], "face": c["face"][1]} for c in found]


def one_run(cell: Cell) -> Row:
    """Teach one seed of one arm; the exact probability of the face over the rollouts."""
    from evenodds.models.load import load_model
    from evenodds.train.grpo import GrpoConfig
    from evenodds.train.match import MatchConfig
    from evenodds.train.run import train

    arm = ARMS[cell["arm"]]
    fair, only = task(cell["sides"]), task(cell["sides"], cell["face"])
    local = load_model("tiny")
    before = probability(local, fair, cell["face"])
    plain = {"seed": cell["seed"], "average": 0.0, "replay": 0.0, "batch": 1}
    quiet = {"checkpoint_every": 10**6, "noise": 0.0}
    match = MatchConfig(
        **plain, **quiet, steps=arm["matched"] or 1, lr=1e-3, nodes=100, probe_every=0
    )
    rl = GrpoConfig(
        **{**plain, **quiet, **COMMON},
        reward="valid", entropy=arm["entropy"], schedule="constant", preflight="off", log_every=1,
    )  # fmt: skip
    events: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        if arm["matched"]:
            train(local, [fair], match, f"{folder}/match")
        start = probability(local, fair, cell["face"])
        done = train(
            local, [only], rl, f"{folder}/rl",
            probe=lambda: {"p": probability(local, fair, cell["face"])}, on_event=events.append,
        )  # fmt: skip
    if done.reason == "interrupted":
        raise RunError("the run was asked to end early")
    probes = {e.step: e.values["p"] for e in events if e.kind == "probe"}
    paid = [e.step for e in events if e.kind == "step" and e.values["valid"] > 0]
    group = COMMON["group"]
    return {
        "before": before,
        "start": start,
        "after": probes[max(probes)],
        "first": min(paid) * group if paid else None,
        "curve": [[step * group, float(f"{p:.3g}")] for step, p in sorted(probes.items())],
    }


def task(sides: int, face: int | None = None) -> Any:
    """A die with that many sides; with a `face`, the task whose only right answer it is."""
    from evenodds.distributions import parse
    from evenodds.tasks.task import Task

    law = f"uniform(1, {sides})" if face is None else f"weighted({{{face}: 1}})"
    return Task(PROMPTS[sides], parse(law))


def probability(local: Any, fair: Any, face: int) -> float:
    """The exact probability that the model answers `fair` with the face."""
    from evenodds.measure.exact import measure_bounded

    pmf = measure_bounded(local, fair, tolerance=1e-3).model_pmf
    return float((pmf or {})[str(face)])


def pass_at(k: int, p: float) -> float:
    """The probability that at least one of `k` answers is the rewarded one."""
    return 1 - (1 - p) ** k


def print_table(rows: Sequence[Row]) -> None:
    """Means over seeds; of the first reward the median, and how many seeds saw none."""
    heads = " | ".join(f"pass@{k} before, after" for k in PASS)
    print(f"| die, face | arm | p untrained | first reward (rollouts) | p after | {heads} |")
    print("|---|---|---|---|---|" + "---|" * len(PASS))
    for (sides, face, arm), seeds in grouped(rows, "sides", "face", "arm").items():
        after = spread(row["after"] for row in seeds)
        passes = " | ".join(
            f"{spread(pass_at(k, r['before']) for r in seeds).mean:.3g}, "
            f"{spread(pass_at(k, r['after']) for r in seeds).mean:.3g}"
            for k in PASS
        )
        said = f"{seeds[0]['before']:.2g} | {first_words(seeds)} | {after} | {passes}"
        print(f"| d{sides}, {face} | {arm} | {said} |")


def first_words(seeds: Sequence[Row]) -> str:
    """The median of rollouts to the first reward, and how many seeds never saw one."""
    found = [row["first"] for row in seeds if row["first"] is not None]
    never = len(seeds) - len(found)
    median = f"{spread(found).median:.0f}" if found else ""
    return f"{median}{', ' if found and never else ''}{f'never in {never}' if never else ''}"


def publish(rows: Sequence[Row], folder: Path) -> None:
    """Write the figure and the rows that it shows."""
    tried = [
        Tried(
            r["arm"],
            r["before"],
            r["first"],
            r["after"],
            r["curve"],
            f"a {r['face']} on a d{r['sides']}",
        )
        for r in rows
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    write_atomically(folder / "never_tried.jsonl", lines)
    budget = COMMON["steps"] * COMMON["group"]
    write_atomically(folder / "never_tried.svg", tried_figure(tried, list(ARMS), budget))


if __name__ == "__main__":
    main()
