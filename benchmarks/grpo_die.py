"""Which GRPO makes a die fair, how fast, and whether it stays so: one prompt, exact measurements.

    python benchmarks/grpo_die.py [ARM ...] [--seeds 3] [--steps 240] [--set lr=3e-5 ...]

The article's prompt on `tiny`, one CPU thread. A row a run: CPU seconds (preparation, training and
saving; probes are taken off) until the first probe with tv at most .05, the mean and the largest tv
over the last ten probes (every tenth step), the mass of valid answers and of those spelled the
canonical way at the end, CPU milliseconds a step. tv counts every spelling, invalid mass and the
end token, and is that of the policy itself, not of a mean of its weights.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from statistics import mean
from typing import Any

import yaml

ARMS: dict[str, dict[str, Any]] = {
    "plain": {"reward": "valid"},
    "entropy": {"reward": "valid", "entropy": 0.2},
    "adaptive": {"reward": "valid", "entropy": 0.2, "entropy_mode": "adaptive"},
    "decay": {"reward": "valid", "entropy": 0.2, "entropy_mode": "decay"},
    "witness": {"reward": "witness"},
    "gapo": {"reward": "gapo"},
    "group": {"reward": "group"},
}
SHARED = {"steps": 240, "average": 0.0, "completion": 16, "probe_every": 10, "replay": 0.0}
FAIR, LAST = 0.05, 10


def main() -> None:
    """Run the chosen arms and print their rows and means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("arms", nargs="*", default=list(ARMS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    asked = parser.parse_args()
    options = {name: yaml.safe_load(value) for name, _, value in map(_parts, asked.set)}
    print("| arm | CPU s to tv .05 | tv at the end | largest | valid | canonical | ms a step |")
    for arm in asked.arms:
        rows = [one_run(arm, seed, options) for seed in range(asked.seeds)]
        cells = [_cell([row[name] for row in rows]) for name in list(rows[0])[2:]]
        print(f"| {arm} | {' | '.join(cells)} |", flush=True)


def one_run(arm: str, seed: int, options: dict[str, Any]) -> dict[str, Any]:
    """Train once; the numbers by name."""
    from evenodds.models.load import load_model
    from evenodds.tasks.suite import load_suite
    from evenodds.train.grpo import GrpoConfig
    from evenodds.train.run import train

    local, task, events = load_model("tiny"), load_suite("die").tasks[0], []
    config = GrpoConfig(**{**SHARED, **ARMS[arm], **options}, seed=seed)
    probe = Timed(local, task)
    with tempfile.TemporaryDirectory() as folder:
        done = train(local, [task], config, f"{folder}/run", probe=probe, on_event=events.append)
    probes = [event for event in events if event.kind == "probe"]
    last = probes[-LAST:]
    fair = [e for e in probes if e.values["tv"] <= FAIR]
    row = {
        "arm": arm,
        "seed": seed,
        "seconds": fair[0].seconds - fair[0].values["spent"] if fair else None,
        "tv": mean(e.values["tv"] for e in last),
        "largest": max(e.values["tv"] for e in last),
        "valid": mean(e.values["valid"] for e in last),
        "canonical": last[-1].values["canonical"],
        "ms": 1000 * (done.seconds - probe.spent) / done.step,
    }
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}))
    return row


class Timed:
    """Measures the task exactly, and counts the CPU seconds that it takes."""

    def __init__(self, local: Any, task: Any) -> None:
        self.local, self.task, self.spent = local, task, 0.0

    def __call__(self) -> dict[str, float]:
        from evenodds.measure.exact import measure_bounded

        start = time.process_time()
        found = measure_bounded(self.local, self.task)
        canonical = _canonical(self.local, self.task)
        self.spent += time.process_time() - start
        values = {"tv": found["tv"], "valid": found["valid"]}
        return {**values, "canonical": canonical, "spent": self.spent}


def _canonical(local: Any, task: Any) -> float:
    """The mass of the canonical spellings."""
    from math import exp

    from evenodds.models.base import Decoding, path_logprobs
    from evenodds.tasks.trie import token_trie

    trie = token_trie(task, local)
    walk = local.walk(local.context(task.prompt, Decoding()), trie.tree, Decoding())
    total = path_logprobs(trie.tree, walk.logprob)
    return sum(exp(total[node]) for node in trie.outcome)


def _cell(values: list[Any]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "never"
    missing = f", {len(values) - len(known)} never" if len(known) < len(values) else ""
    return f"{mean(known):.3g} ({min(known):.3g} to {max(known):.3g}){missing}"


def _parts(text: str) -> tuple[str, str, str]:
    return text.partition("=")


if __name__ == "__main__":
    main()
