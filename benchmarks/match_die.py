"""How fair, how fast, and at what cost: `match` on the suite `die`, measured exactly.

    python benchmarks/match_die.py [MODEL] [--seeds 3] [--set lr=0.002 ...]

Prints one line of JSON a seed and a table of means: tv on trained and on never-seen phrasings
before and after, ordinary instructions before and after, steps, CPU seconds of the whole run
(preparation, training, probes and saving; loading torch and measuring are not in it).
"""

from __future__ import annotations

import argparse
import ast
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

SEEN, UNSEEN = "trained phrasings", "never-seen phrasings"


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="tiny")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    asked = parser.parse_args()
    options = dict(map(_option, asked.set))
    rows = [one_run(asked.model, seed, options) for seed in range(asked.seeds)]
    print(f"\n| over {asked.seeds} seeds | mean | least | most |\n|---|---|---|---|")
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(f"| {name} | {mean(values):.4f} | {min(values):.4f} | {max(values):.4f} |")


def one_run(model: str, seed: int, options: dict[str, Any]) -> dict[str, float]:
    """Train and measure once; the numbers by name."""
    from evenodds.cli.ordinary import asked, rehearsal
    from evenodds.models.load import load_model
    from evenodds.tasks.suite import load_suite
    from evenodds.train.match import MatchConfig
    from evenodds.train.run import train

    suite, local = load_suite("die"), load_model(model)
    replay = rehearsal(local, seed)
    questions = asked(local, replay, seed)
    config = MatchConfig(**{"probe_every": 0, **options}, seed=seed)
    before = _numbers(local, suite, questions, "before")
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        trained = train(local, suite.split("train"), config, run, replay=replay)
        after = _numbers(load_model(str(trained.model)), suite, questions, "after")
    row = {**before, **after, "steps": trained.step, "CPU seconds": trained.seconds}
    print(json.dumps({"seed": seed, "options": options, **row}), flush=True)
    return row


def _numbers(local: Any, suite: Any, questions: Any, when: str) -> dict[str, float]:
    from evenodds.cli.ordinary import rightly

    unseen = [task for task in suite if task.split != "train"]
    seen = suite.split("train")
    kept = rightly(local, questions)
    return {
        f"{SEEN}, {when}": _tv(local, seen),
        f"{UNSEEN}, {when}": _tv(local, unseen),
        **{f"{kind}, {when}": value for kind, value in kept.items()},
    }


def _tv(local: Any, tasks: Sequence[Any]) -> float:
    from evenodds.measure.exact import measure_exact

    return mean(float(measure_exact(local, task).statistics["tv"].value or 0) for task in tasks)


def _option(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    main()
