"""The die article's prompt alone: how near to fair `match` comes, and in how many CPU seconds.

    python benchmarks/match_die_one.py [MODEL] [--seeds 3] [--steps 40] [--set lr=0.002 ...]

One line of JSON a seed and a table: tv measured exactly before and after (every spelling counted,
invalid mass and a missing end too), CPU seconds of the training loop and of the whole run (with
preparation and saving; loading torch and the model is in neither).
"""

from __future__ import annotations

import argparse
import ast
import json
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any


def main() -> None:
    """Run the benchmark as the command line says."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="tiny")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    asked = parser.parse_args()
    options = {"steps": asked.steps, **dict(map(_option, asked.set))}
    rows = [one_run(asked.model, seed, options) for seed in range(asked.seeds)]
    print(f"\n| over {asked.seeds} seeds | mean | least | most |\n|---|---|---|---|")
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(f"| {name} | {mean(values):.4f} | {min(values):.4f} | {max(values):.4f} |")


def one_run(model: str, seed: int, options: dict[str, Any]) -> dict[str, float]:
    """Train and measure once; the numbers by name."""
    from evenodds.measure.exact import measure_exact
    from evenodds.models.load import load_model
    from evenodds.tasks.suite import load_suite
    from evenodds.train import match_trainer  # noqa: F401  its imports are no part of a run
    from evenodds.train.match import MatchConfig
    from evenodds.train.run import train

    local, task = load_model(model), load_suite("die").split("train")[0]
    before = measure_exact(local, task)["tv"]
    plain = {"batch": 1, "noise": 0.0, "replay": 0.0, "warmup": 3, "average": 0.9, "nodes": 64}
    config = MatchConfig(**{**plain, "probe_every": 0, "lr": 1e-3, **options}, seed=seed)
    seconds: dict[str, float] = {}

    def listen(event: Any) -> None:
        seconds.setdefault(event.kind, event.seconds)
        seconds[f"last {event.kind}"] = event.seconds

    with tempfile.TemporaryDirectory() as folder:
        trained = train(local, [task], config, Path(folder) / "run", on_event=listen)
        after = measure_exact(load_model(str(trained.model)), task)["tv"]
    loop = seconds["last step"] - seconds["start"]
    row = {"tv before": before, "tv after": after, "steps": trained.step, "CPU s, loop": loop}
    row["CPU s, whole run"] = trained.seconds
    print(json.dumps({"seed": seed, "prompt": task.prompt, "options": options, **row}), flush=True)
    return {name: float(value) for name, value in row.items()}


def _option(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    main()
