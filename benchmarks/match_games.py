"""Game tasks: how near to fair `match` comes in 30 CPU seconds, and `sft` in the same.

    python benchmarks/match_games.py [MODEL] [--tasks 512] [--seconds 30] [--seeds 3]
        [--arms match sft sft4] [--corpus] [--drawn 5] [--set lr=0.002 ...]

Dice, coins, stated weights and sums, each task a phrasing with its own parameters; with `--corpus`
from the corpus families of such games instead, in all their phrasings and answer formats. One line
of JSON a run and a table: mean tv and mean valid mass over the trained tasks (all of them, from
exact probabilities; other spellings, other endings and no end count as invalid) and over as many
tasks of other parameters, ordinary instructions before and after. CPU seconds are those of the
whole run: preparation, training, saving. `--drawn` is the seed of the tasks themselves, so that
options can be chosen on others than those reported.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from math import exp
from pathlib import Path
from statistics import mean
from typing import Any

FAMILIES = (
    "single_die", "dice_sum", "mixed_dice", "keep_dice", "die_with_faces", "crooked_die",
    "bent_coin", "either_or", "percentages", "ratio_weights", "odds", "times_as_likely", "spinner",
)  # fmt: skip
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "match": ("match", {"nodes": 64}),
    "match, one path": ("match", {}),
    "sft": ("sft", {}),
    "sft4": ("sft", {"samples": 4}),
    "sft16": ("sft", {"samples": 16}),
}


def main() -> None:
    """Run the benchmark as the command line says."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="tiny")
    parser.add_argument("--tasks", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--arms", nargs="*", default=["match", "sft", "sft4"], choices=ARMS)
    parser.add_argument("--corpus", action="store_true")
    parser.add_argument("--drawn", type=int, default=5)
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    asked = parser.parse_args()
    table = {arm: [one_run(asked, arm, seed) for seed in range(asked.seeds)] for arm in asked.arms}
    print(f"\n| {asked.seeds} seeds, mean (least to most) | {' | '.join(table)} |")
    print("|---" * (len(table) + 1) + "|")
    for name in next(iter(table.values()))[0]:
        cells = ([row[name] for row in rows] for rows in table.values())
        shown = (f"{mean(c):.4f} ({min(c):.4f} to {max(c):.4f})" for c in cells)
        print(f"| {name} | {' | '.join(shown)} |")


def one_run(asked: Any, arm: str, seed: int) -> dict[str, float]:
    """Train and measure once; the numbers by name."""
    from evenodds.cli.ordinary import asked as questions_of
    from evenodds.cli.ordinary import rehearsal, rightly
    from evenodds.models.load import load_model
    from evenodds.train.methods import method
    from evenodds.train.run import train

    tasks, others = halves(asked.tasks, asked.drawn, corpus=asked.corpus)
    local = load_model(asked.model)
    replay = rehearsal(local, seed)
    questions = questions_of(local, replay, seed)
    before = {**_fit(local, tasks, "seen, before"), **_kept(rightly(local, questions), "before")}
    name, options = ARMS[arm]
    options = {**options, "steps": 10**6, "probe_every": 0, "checkpoint_every": 10**6}
    options.update(seconds=asked.seconds, seed=seed, **dict(map(_option, asked.set)))
    with tempfile.TemporaryDirectory() as folder:
        config = method(name).config(**options)
        trained = train(local, tasks, config, Path(folder) / "run", replay=replay)
        after = {**_fit(local, tasks, "seen"), **_fit(local, others, "other parameters")}
        after |= _kept(rightly(local, questions), "after")
    row = {**before, **after, "steps": trained.step, "CPU seconds": trained.seconds}
    print(json.dumps({"arm": arm, "seed": seed, "options": dict(map(_option, asked.set)), **row}))
    return row


def _fit(local: Any, tasks: Sequence[Any], name: str) -> dict[str, float]:
    """Mean tv and valid mass, canonical spellings alone: tv at most too high, mass too low."""
    found = [_one(local, task) for task in tasks]
    tv, valid = (mean(column) for column in zip(*found, strict=True))
    return {f"tv, {name}": tv, f"valid mass, {name}": valid}


def _one(local: Any, task: Any) -> tuple[float, float]:
    from evenodds.models.base import Decoding, path_logprobs
    from evenodds.tasks.trie import token_trie

    trie = token_trie(task, local)
    walk = local.walk(local.context(task.prompt, Decoding()), trie.tree, Decoding())
    total = path_logprobs(trie.tree, walk.logprob)
    pairs = [(min(1.0, exp(total[node])), trie.mass[node]) for node in trie.outcome]
    return float(sum(max(0.0, q - p) for p, q in pairs)), float(sum(p for p, _ in pairs))


def _kept(found: dict[str, float], when: str) -> dict[str, float]:
    return {f"instructions {kind}, {when}": value for kind, value in found.items()}


def halves(count: int, seed: int, *, corpus: bool) -> tuple[list[Any], list[Any]]:
    """`count` tasks to train, and as many of the same families with other parameters."""
    found: dict[str, Any] = {}
    for task in _of_corpus(seed) if corpus else _plain(seed):
        if 1 < task.law.support_size <= 60:
            found.setdefault(task.prompt, task)
        if len(found) == 2 * count:
            break
    tasks = list(found.values())
    return tasks[:count], tasks[count:]


def _of_corpus(seed: int) -> Iterator[Any]:
    from evenodds.corpus.generate import generate
    from evenodds.corpus.release import released

    among = [family for family in released() if family.name in FAMILIES]
    return (entry.task for entry in generate(10**6, seed=seed, among=among))


WORDS = ("red", "blue", "green", "amber", "gold", "north", "south", "cat", "dog", "fox", "tea")
DIE = (
    "Roll a die with {n} sides.",
    "Roll a {n}-sided die. Just the number.",
    "You throw a fair d{n}. What comes up? Reply with the number only.",
    "Simulate one roll of a {n}-sided die.",
    "I need a d{n} roll.",
)
SUM = (
    "Roll {k}d{n} and tell me the sum.",
    "Throw {k} dice with {n} sides each. What is the total?",
    "Sum of {k}d{n}, number only.",
    "Roll {k} dice of {n} sides and add them up.",
)
COIN = (
    "A coin shows heads {p}% of the time. Flip it: heads or tails?",
    "Flip a bent coin that lands heads with probability {p}%. Answer heads or tails.",
    "Toss a coin with P(heads) = {p}%. One word.",
    "Coin flip, heads {p}%, tails {r}%. What is it?",
)
WEIGHTS = (
    "Choose {a} with probability {p}% and {b} with probability {r}%.",
    "Answer {a} {p}% of the time and {b} {r}% of the time.",
    "Pick one: {a} ({p}%) or {b} ({r}%). One word.",
    "A wheel stops at {a} with {p}% and at {b} with {r}%. Spin it.",
)


def _plain(seed: int) -> Iterator[Any]:
    """Tasks without end: a kind, a phrasing and parameters, each at random."""
    from evenodds.distributions import parse
    from evenodds.tasks.task import Task

    rng = random.Random(seed)
    while True:
        a, b = rng.sample(WORDS, 2)
        p, n, k = rng.randint(1, 99), rng.randint(3, 20), rng.randint(2, 4)
        slots = {"a": a, "b": b, "p": p, "r": 100 - p, "n": n, "k": k}
        phrasings, law = rng.choice(
            [
                (DIE, f"uniform(1, {n})"),
                (SUM, f"dice('{k}d{min(n, 12)}')"),
                (COIN, f"weighted(heads={p}, tails={100 - p})"),
                (WEIGHTS, f"weighted({a}={p}, {b}={100 - p})"),
            ]
        )
        slots["n"] = min(n, 12) if phrasings is SUM else n
        yield Task(rng.choice(phrasings).format(**slots), parse(law), category="game")


def _option(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    main()
