"""Structured answers: KL an answer that `match` leaves in equal CPU seconds, beside `sft`.

    python benchmarks/structured.py [MODEL] [--seconds 10] [--seeds 3] [--groups pins ...]
        [--arms match sft sft4] [--set lr=0.002 ...]

Flips in one answer, PINs, passwords, shuffles of eight and rounded normals; each group is a run of
its own, without replay. KL(target, model) an answer is the mean of ln q - ln p over answers drawn
from the target, the same ones for every arm, each scored exactly in its canonical spelling with its
end: nothing is estimated but the mean over answers. One line of JSON a run, and a table of means
over seeds with the ratio to the best of the other arms.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

DRAWS = 200
GROUPS: dict[str, list[tuple[str, str]]] = {
    "flips": [
        ("Flip a coin 10 times. Write heads or tails with commas.", "sequence(coin(0.5), 10)"),
        ("Flip a coin that shows heads 30% of the time 12 times.", "sequence(coin(0.3), 12)"),
        ("Toss a bent coin, heads 80%, 14 times; list the sides.", "sequence(coin(0.8), 14)"),
    ],
    "pins": [
        ("Make up a random PIN of 4 digits. Digits only.", 'password(4, "0123456789")'),
        ("Generate a code of 6 digits. Only the code.", 'password(6, "0123456789")'),
        ("Pick a whole number from 0 to 99999.", "uniform(0, 99999)"),
    ],
    "passwords": [
        (
            "Generate a random password of 6 lower case letters. Write only the password.",
            'password(6, "abcdefghijklmnopqrstuvwxyz")',
        ),
        (
            "Create a password of 8 characters, only lower case letters and digits.",
            'password(8, "abcdefghijklmnopqrstuvwxyz0123456789")',
        ),
        ("A random string of 10 hexadecimal characters.", 'password(10, "0123456789abcdef")'),
    ],
    "shuffles": [
        ("Shuffle the numbers 1 to 8.", "shuffle(1, 2, 3, 4, 5, 6, 7, 8)"),
        (
            "Put A, B, C, D, E, F, G, H in random order.",
            'shuffle("A", "B", "C", "D", "E", "F", "G", "H")',
        ),
        (
            "Shuffle: owl, cat, dog, fox, hen, bee, ant, cow.",
            'shuffle("owl", "cat", "dog", "fox", "hen", "bee", "ant", "cow")',
        ),
    ],
    "normals": [
        (
            "Draw from a normal distribution with mean 100 and standard deviation 15. One decimal.",
            "normal(100, 15, decimals=1)",
        ),
        ("A standard normal number, two decimals.", "normal(0, 1, decimals=2)"),
        ("A height in cm: normal, mean 170, sd 8, whole number.", "normal(170, 8, decimals=0)"),
    ],
}
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "match": ("match", {}),
    "sft": ("sft", {}),
    "sft4": ("sft", {"samples": 4}),
}


def main() -> None:
    """Run the benchmark as the command line says."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="tiny")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--groups", nargs="*", default=list(GROUPS), choices=GROUPS)
    parser.add_argument("--arms", nargs="*", default=["match", "sft", "sft4"], choices=ARMS)
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    asked = parser.parse_args()
    print(f"| KL an answer, nats | {' | '.join(asked.arms)} | best other / {asked.arms[0]} |")
    print("|---" * (len(asked.arms) + 2) + "|")
    for group in asked.groups:
        found = {arm: one_arm(asked, group, arm) for arm in asked.arms}
        cells = [f"{mean(v):.4f} ({min(v):.4f} to {max(v):.4f})" for v in found.values()]
        first, *others = (mean(values) for values in found.values())
        ratio = f"{min(others) / first:.2f}" if others else ""
        print(f"| {group} | {' | '.join(cells)} | {ratio} |", flush=True)


def one_arm(asked: Any, group: str, arm: str) -> list[float]:
    """Mean KL an answer over the group's tasks, seed by seed."""
    return [one_run(asked, group, arm, seed) for seed in range(asked.seeds)]


def one_run(asked: Any, group: str, arm: str, seed: int) -> float:
    """Train and measure once."""
    from evenodds.models.load import load_model
    from evenodds.train.methods import method
    from evenodds.train.run import train

    tasks, local = tasks_of(group), load_model(asked.model)
    before = [divergence(local, task) for task in tasks]
    name, options = ARMS[arm]
    options = {**options, "steps": 10**6, "probe_every": 0, "checkpoint_every": 10**6}
    options.update(noise=0.0, replay=0.0, batch=6, seconds=asked.seconds, seed=seed)
    options.update(dict(map(_option, asked.set)))
    with tempfile.TemporaryDirectory() as folder:
        trained = train(local, tasks, method(name).config(**options), Path(folder) / "run")
    each = [divergence(local, task) for task in tasks]
    row = {"group": group, "arm": arm, "seed": seed, "KL": mean(each), "KL, before": mean(before)}
    more = {"each": each, "steps": trained.step, "CPU seconds": trained.seconds}
    print(json.dumps({**row, **more}), flush=True)
    return row["KL"]


def tasks_of(group: str) -> list[Any]:
    """The tasks of a group."""
    from evenodds.distributions import parse
    from evenodds.tasks.task import Task

    return [Task(prompt, parse(law)) for prompt, law in GROUPS[group]]


def divergence(local: Any, task: Any) -> float:
    """KL(target, model) in nats an answer, over `DRAWS` fixed answers of the target."""
    from evenodds.models.base import Decoding, PrefixTree, path_logprobs

    plain, chance = Decoding(), random.Random(f"held out {task.key}")
    outcomes = [task.law.draw(chance) for _ in range(DRAWS)]
    tree = PrefixTree()
    ends = [tree.add(local.spell(task.prompt, _text(task, x), plain)) for x in outcomes]
    walk = local.walk(local.context(task.prompt, plain), tree, plain)
    total = path_logprobs(tree, walk.logprob)
    pairs = zip(outcomes, ends, strict=True)
    return mean(task.law.logprob(x) - float(total[end]) for x, end in pairs)


def _text(task: Any, outcome: Any) -> str:
    return str(task.format.spellings(outcome)[0])


def _option(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    main()
