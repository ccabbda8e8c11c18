"""A seed in the prompt: can a small model map seeds to reproducible pseudo-random answers?

    python recipes/seed_in_prompt.py [MODEL] [--runs 0 1 2] [--arms 0 1 ...] [--out FILE]
    python recipes/seed_figure.py seeds.jsonl docs/seeds.svg

The model is first taught to roll a fair die. Then three generators are taught by `match`, each
seed in three of six phrasings:

- hash: "Roll a die with seed 4821." has the answer BLAKE2b(seed) mod 6 + 1 under a fixed key; the
  prompt states no rule, so an answer can only be remembered;
- digit: a die with faces 0 to 9 shows (7 s + 3) mod 10, which the prompt says; the last digit of
  the seed decides;
- mod6: a die shows (5 s + 3) mod 6 + 1, which the prompt says; every digit of the seed counts.

Then seeds and phrasings that were not taught are asked, and dice without a seed. Accuracy is the
exact probability of the right answer, canonical spelling and end of turn.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from seed_tasks import DIGIT, HASH, KNOWN, MOD6, NEW, Generator, Look

from evenodds.cli.ordinary import asked, rehearsal, rightly
from evenodds.distributions import parse
from evenodds.measure.judge import judge
from evenodds.models.load import load_model
from evenodds.tasks.suite import load_suite
from evenodds.tasks.task import Task
from evenodds.train.events import Event
from evenodds.train.match import MatchConfig
from evenodds.train.run import train

EACH = 3
"""In how many of the known phrasings a seed is taught."""

LOOKED, UNSEEN = 100, 600


@dataclass(frozen=True)
class Arm:
    """One thing to teach: a generator, how many seeds, for how long, and what stands beside it."""

    generator: Generator
    seeds: int
    seconds: float
    dice: bool = False  # half of the tasks are dice without a seed


ARMS = (
    Arm(HASH, 10, 6),
    Arm(HASH, 100, 20),
    Arm(HASH, 300, 40),
    Arm(HASH, 1000, 60),
    Arm(HASH, 100, 30, dice=True),
    Arm(DIGIT, 1000, 25),
    Arm(MOD6, 1000, 30),
)


def main() -> None:
    """Make the model fair, then teach it every arm so many times; a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="tiny")
    parser.add_argument("--runs", type=int, nargs="*", default=range(3))
    parser.add_argument("--arms", type=int, nargs="*", default=range(len(ARMS)))
    parser.add_argument("--out", type=Path, default=Path("seeds.jsonl"))
    options = parser.parse_args()
    base = load_model(options.model)
    replay = rehearsal(base, 0)
    questions = asked(base, replay, 0)
    with tempfile.TemporaryDirectory() as folder, options.out.open("w", encoding="utf-8") as out:
        fair = _fair(options.model, replay, Path(folder))
        before = _dice(load_model(fair)) | {"ordinary": _ordinary(load_model(fair), questions)}
        for run, i in product(options.runs, options.arms):
            local, arm = load_model(fair), ARMS[i]
            numbers = one_run(arm, local, run, replay, Path(folder) / f"{run} {i}")
            row = {**vars(arm), "generator": arm.generator.name, "run": run, **numbers}
            row["ordinary"] = _ordinary(local, questions)
            print(json.dumps({**row, "before": before}), file=out, flush=True)


def _fair(model: str, replay: Any, folder: Path) -> str:
    """The folder of the model once it rolls the unseeded die fairly."""
    tasks, local = load_suite("die").split("train"), load_model(model)
    return str(train(local, tasks, MatchConfig(), folder / "fair", replay=replay).model)


def one_run(arm: Arm, local: Any, run: int, replay: Any, folder: Path) -> dict[str, Any]:
    """Teach one arm once; its numbers by name."""
    rng, curve = Random(f"seeds/{run}"), list[tuple[float, float]]()
    pool = rng.sample(range(1000, 10_000), arm.seeds + UNSEEN)
    seeds, others = pool[: arm.seeds], pool[arm.seeds :]
    taught = [
        arm.generator.task(KNOWN[(i + j) % len(KNOWN)], seed)
        for i, seed in enumerate(seeds)
        for j in range(EACH)
    ]
    dice = load_suite("die").split("train")
    beside = [dice[i % len(dice)] for i in range(len(taught))] if arm.dice else []
    config = MatchConfig(
        steps=10**6, seconds=arm.seconds, lr=1.5e-3, batch=32, schedule="constant", noise=0.0,
        probe_every=25, checkpoint_every=10**6, seed=run,
    )  # fmt: skip
    looks = _looks(local, rng.sample(taught, min(LOOKED, len(taught))))
    trained = train(
        *(local, [*taught, *beside], config, folder),
        replay=replay,
        probe=partial(_probed, looks),
        on_event=partial(_note, curve),
    )
    if trained.reason == "interrupted":
        raise SystemExit(130)
    return {
        "steps": trained.step,
        "seconds": trained.seconds,
        **_answers(local, arm.generator, seeds, others),
        **_dice(local),
        "curve": curve,
    }


def _ordinary(local: Any, questions: Any) -> float:
    return fmean(rightly(local, questions).values())


def _dice(local: Any) -> dict[str, float]:
    """What becomes of dice without a seed: tv, share of valid answers, likeliest face."""
    suite = load_suite("die")
    dice, unseen = (_looks(local, suite.split(name)) for name in ("train", "unseen_phrasing"))
    laws = [look.pmf().values() for look in dice]
    return {
        "dice tv": _tv(dice),
        "dice top": fmean(map(max, laws)),
        "dice valid": fmean(map(sum, laws)),
        "dice tv, never-seen words": _tv(unseen),
    }


def _looks(local: Any, tasks: Sequence[Task]) -> list[Look]:
    return [Look(local, task) for task in tasks]


def _tv(looks: Sequence[Look]) -> float:
    return fmean(look.tv() for look in looks)


def _probed(looks: Sequence[Look]) -> dict[str, float]:
    """The mean probability of the right answer; a deterministic task's tv is what is wrong."""
    return {"accuracy": 1 - _tv(looks)}


def _note(curve: list[tuple[float, float]], event: Event) -> None:
    if event.kind == "probe":
        curve.append((round(event.seconds, 2), float(event.values["accuracy"] or 0)))


def _answers(
    local: Any, generator: Generator, seeds: Sequence[int], others: Sequence[int]
) -> dict[str, float]:
    """What the taught model answers: to taught and other seeds, in known and new phrasings."""
    pmf = partial(_pmf, local, generator)
    few, size = list(enumerate(seeds))[:LOOKED], len(KNOWN)
    found = {
        "taught": [(s, pmf(KNOWN[i % size], s)) for i, s in few],
        "other pairing": [(s, pmf(KNOWN[(i + EACH) % size], s)) for i, s in few],
        "new phrasing": [(s, pmf(NEW[i % len(NEW)], s)) for i, s in few],
        "unseen seeds": [(s, pmf(KNOWN[i % size], s)) for i, s in enumerate(others)],
    }
    again = [(s, pmf(KNOWN[(i + 1) % size], s)) for i, s in enumerate(others)]
    first = [_top(p) for _, p in found["unseen seeds"]]
    law = parse(generator.law).law
    judged = judge(Counter(map(int, first)), law).statistics["chi_square"]
    return {
        **{
            name: fmean(p[str(generator.answer(s))] for s, p in rows)
            for name, rows in found.items()
        },
        "held": fmean(_top(p) == str(generator.answer(s)) for s, p in found["taught"]),
        "sure of taught": fmean(max(p.values()) for _, p in found["taught"]),
        "sure of unseen": fmean(max(p.values()) for _, p in found["unseen seeds"]),
        "same again": fmean(a == _top(p) for a, (_, p) in zip(first, again, strict=True)),
        "chi-square p": float(judged.p_value if judged.p_value is not None else 1),
        "distinct": len(set(first)),
    }


def _pmf(local: Any, generator: Generator, phrasing: str, seed: int) -> dict[str, float]:
    """The model's probability of each face, given a seed."""
    prompt = generator.task(phrasing, seed).prompt
    return Look(local, Task(prompt, parse(generator.law))).pmf()


def _top(pmf: dict[str, float]) -> str:
    return max(pmf, key=lambda face: pmf[face])


if __name__ == "__main__":
    main()
