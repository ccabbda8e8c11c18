"""What the demo reaches and what it costs: `python benchmarks/demo.py [--json]`.

Runs `evenodds demo` in a fresh process on two cores and prints each number beside its limit: tv on
trained and never-seen phrasings, ordinary instructions, CPU seconds of training, wall seconds and
peak memory of the whole. Exits with 1 when a limit is passed.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMITS = {
    "tv before, trained": (0.5, 1.0),
    "tv after, trained": (0.0, 0.01),
    "tv after, never seen": (0.0, 0.10),
    "instructions lost": (-1.0, 0.02),
    "CPU seconds of training": (0.0, 30.0),
    "wall seconds": (0.0, 180.0),
    "peak memory, GB": (0.0, 2.0),
}


def run(out: Path) -> dict[str, float]:
    """Run the demo into `out` and return its numbers by the names in `LIMITS`."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "evenodds", "demo", "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    record = json.loads((out / "demo.json").read_text("utf-8"))
    return {**numbers(record), "wall seconds": wall, "peak memory, GB": peak}


def numbers(record: dict[str, Any]) -> dict[str, float]:
    """Return what a demo's record says."""
    splits = {row["split"]: row for row in record["splits"]}
    kept = record["instructions"]
    lost = sum(kind["n"] * (kind["before"] - kind["after"]) for kind in kept)
    return {
        "tv before, trained": splits["train"]["tv_before"],
        "tv after, trained": splits["train"]["tv_after"],
        "tv after, never seen": splits["unseen_phrasing"]["tv_after"],
        "instructions lost": lost / sum(kind["n"] for kind in kept),
        "CPU seconds of training": record["cpu_seconds"],
    }


def main() -> int:
    """Run once on at most two cores and print; 1 when a limit is passed."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder) / "demo")
    if "--json" in sys.argv:
        print(json.dumps({name: round(value, 4) for name, value in found.items()}))
    else:
        print("| number | measured | at least | at most |\n|---|---|---|---|")
        for name, value in found.items():
            low, high = LIMITS[name]
            print(f"| {name} | {value:.4f} | {low:g} | {high:g} |")
    return int(any(not low <= found[name] <= high for name, (low, high) in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
