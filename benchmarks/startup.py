"""How long the command line takes to start: `python benchmarks/startup.py [--json]`.

Prints the median wall time in seconds of five fresh processes for each command, beside its limit.
Exits with 1 when a limit is passed.
"""

import json
import statistics
import subprocess
import sys
import time

LIMITS = {
    ("--version",): 0.5,
    ("--help",): 0.5,
    ("odds", 'dice("4d6kh3")'): 1.0,
    ("odds", "normal(100, 15, decimals=0)"): 1.0,
}
ROUNDS = 5


def seconds(arguments: tuple[str, ...]) -> float:
    """Return the median wall time of `evenodds` with the arguments, in seconds."""
    return statistics.median(once(arguments) for _ in range(ROUNDS))


def once(arguments: tuple[str, ...]) -> float:
    """Return the wall time of one run, in seconds."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "evenodds", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> int:
    """Measure and print; 1 when a limit is passed."""
    measured = {arguments: seconds(arguments) for arguments in LIMITS}
    if "--json" in sys.argv:
        print(json.dumps({" ".join(each): round(spent, 3) for each, spent in measured.items()}))
    else:
        print("| command | seconds | limit |\n|---|---|---|")
        for arguments, spent in measured.items():
            print(f"| `evenodds {' '.join(arguments)}` | {spent:.2f} | {LIMITS[arguments]} |")
    return int(any(spent > LIMITS[arguments] for arguments, spent in measured.items()))


if __name__ == "__main__":
    sys.exit(main())
