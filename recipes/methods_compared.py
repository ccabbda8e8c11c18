"""Every method on the same tasks, for the same CPU seconds, measured the same way.

    python recipes/methods_compared.py [--seeds 3] [--seconds 60] [--workers 1] [--arms match sft]
        [--publish docs/figures]

Tasks come from 27 families of the corpus: dice, coins, stated weights, ranges and lists, structured
answers (rolls in a row, PINs, random strings, shuffles, rounded normals) and deterministic twins.
Whole families, sentences and parameters are held out. A run gets `--seconds` of CPU for preparing,
training and saving; ordinary instructions are replayed in all of them. For each: mean tv by slice
(exact, invalid mass counted; up to 300 outcomes), KL of an answer in nats on larger
structured targets (the same fair draws for every arm), accuracy on twins, ordinary instructions,
and the curve of tv over CPU seconds. Resumable: rows are kept in --out.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Any

from evenodds.study.grid import Cell, Row, run_grid
from evenodds.study.summary import grouped, spread

LISTED = 300
"""Laws of more outcomes are measured by the KL of an answer."""
SIMPLE = (
    "single_die", "dice_sum", "integer_range", "word_list", "weekday", "bent_coin", "either_or",
    "percentages", "ratio_weights", "bag_of_balls", "spinner", "crooked_die", "digit",
    "number_list", "letter_range", "odds", "times_as_likely",
)  # fmt: skip
STRUCTURED = ("dice_rolls", "pin_code", "random_string", "shuffle_words", "normal_value")
TWINS = ("certain_coin", "letter_at_place", "extreme_of_list", "opposite_face", "sort_the_list")
MADE, SHOWN = 4000, 40
FORMATS, REGISTERS = ("bare",), ("plain", "terse")
"""What the untrained model has an idea of: RL needs some valid answers to begin with."""
RL: dict[str, Any] = {"lr": 1e-4, "schedule": "cosine", "group": 16}
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "untrained": ("", {}),
    "sft, one fixed answer": ("sft", {"fresh": False}),
    "sft": ("sft", {}),
    "option B": ("option_b", {}),
    "moments": ("moments", {}),
    "match": ("match", {}),
    "dpo": ("dpo", {}),
    "rejection": ("rejection", {"draws": 32}),
    "grpo, valid": ("grpo", {**RL, "reward": "valid"}),
    "grpo, valid + entropy": ("grpo", {**RL, "reward": "valid", "entropy": 0.03}),
    "grpo, gapo": ("grpo", {**RL, "reward": "gapo"}),
    "grpo, witness": ("grpo", {**RL, "reward": "witness"}),
    "match, stated": ("match", {"representation": "stated"}),
    "match, implicit": ("match", {"representation": "implicit"}),
    "match, both": ("match", {"representation": "both"}),
}
OFTEN = {"match": 40, "sft": 40, "moments": 40}
"""Steps between two points of the curve; the slower methods have 10."""


def main() -> None:
    """Run what is owed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--arms", nargs="*", default=list(ARMS), choices=ARMS, metavar="ARM")
    parser.add_argument("--out", type=Path, default=Path("runs/methods_compared"))
    parser.add_argument("--publish", type=Path, help="write methods.jsonl and methods.svg here")
    asked = parser.parse_args()
    cells = [{"arm": arm, "seed": seed} for seed in range(asked.seeds) for arm in asked.arms]
    common = {"seconds": asked.seconds}
    rows = run_grid(one_run, cells, asked.out, common=common, workers=asked.workers)
    print_table(rows)
    if asked.publish:
        from compared_figure import publish

        publish(rows, asked.publish)


def one_run(cell: Cell) -> Row:
    """Train one arm with one seed and measure it on every slice."""
    from evenodds.models.load import load_model
    from evenodds.train.control import rehearsal

    local = load_model("tiny")
    replay = rehearsal(local, cell["seed"])
    curve: list[list[float]] = []
    told: dict[str, Any] = {"steps": 0, "seconds": 0.0}
    if cell["arm"] != "untrained":
        told = _taught(local, cell, replay, curve)
    return {**told, **measured(local, replay, cell["seed"]), "curve": curve}


def _taught(local: Any, cell: Cell, replay: Any, curve: list[list[float]]) -> dict[str, Any]:
    from evenodds.models.base import Decoding
    from evenodds.train.methods import method
    from evenodds.train.probe import probe
    from evenodds.train.run import train

    name, options = ARMS[cell["arm"]]
    options = dict(options)
    tasks = _train_tasks(options.pop("representation", None))
    if name == "moments":  # it feeds every outcome
        tasks = [task for task in tasks if task.law.support_size <= 2000]
    config = method(name).config(
        **{
            "steps": 100_000,
            "seconds": cell["seconds"],
            "seed": cell["seed"],
            "probe_every": OFTEN.get(name, 10),
            "checkpoint_every": 100_000,
            **options,
        }
    )

    def see(event: Any) -> None:
        if event.kind == "probe" and "tv" in event.values:
            curve.append([round(event.seconds, 2), round(event.values["tv"], 4)])

    looked_at = [look.task for look in looks(local)["seen"][:12]]
    with tempfile.TemporaryDirectory() as place:
        done = train(
            local,
            tasks,
            config,
            Path(place) / "run",
            replay=replay,
            probe=probe(local, looked_at, Decoding(), 12),
            on_event=see,
        )
    return {"steps": done.step, "seconds": round(done.seconds, 1)}


@lru_cache(maxsize=1)
def entries_of() -> tuple[Any, ...]:
    """The corpus of this comparison in its splits, always the same."""
    from evenodds.corpus.family import families
    from evenodds.corpus.generate import generate
    from evenodds.corpus.split import Shares, assign

    among = [families()[name] for name in SIMPLE + STRUCTURED + TWINS]
    shares = Shares(unseen_category=0.0, unseen_family=0.15)
    made = generate(MADE, seed=7, among=among)
    asked = [e for e in made if e.task.format.kind in FORMATS and e.register in REGISTERS]
    unique = {entry.task.key: entry for entry in asked}
    return tuple(assign(unique.values(), seed=3, shares=shares))


def _train_tasks(representation: str | None) -> list[Any]:
    """The train split, whole or of one representation (twins stay)."""
    return [
        entry.task
        for entry in entries_of()
        if entry.task.split == "train"
        and (representation in (None, entry.representation) or entry.task.kind == "deterministic")
    ]


def sliced(entries: Sequence[Any]) -> dict[str, list[Any]]:
    """Tasks to measure by slice, at most `SHOWN` of each, spread evenly."""
    rules = {
        "seen": lambda e: _plain(e) and e.task.split == "train",
        "unseen phrasings": lambda e: _plain(e) and e.task.split == "unseen_phrasing",
        "unseen parameters": lambda e: _plain(e) and e.task.split == "unseen_parameters",
        "unseen families": lambda e: _plain(e) and e.task.split == "unseen_family",
        "seen, uniform": lambda e: _plain(e) and _fair(e) and e.task.split == "train",
        "seen, stated weights": lambda e: _weighted(e) and e.task.split == "train",
        "unseen, stated weights": lambda e: _weighted(e) and e.task.split != "train",
        "structured, seen": lambda e: _large(e) and e.task.split == "train",
        "structured, unseen": lambda e: _large(e) and e.task.split != "train",
        "twins, seen": lambda e: _twin(e) and e.task.split == "train",
        "twins, unseen": lambda e: _twin(e) and e.task.split != "train",
    }
    return {
        name: _spread([entry.task for entry in entries if rule(entry)])
        for name, rule in rules.items()
    }


def _twin(entry: Any) -> bool:
    return bool(entry.task.kind == "deterministic")


def _large(entry: Any) -> bool:
    return not _twin(entry) and entry.task.law.support_size > LISTED


def _plain(entry: Any) -> bool:
    return not _twin(entry) and not _large(entry)


def _fair(entry: Any) -> bool:
    return len(set(entry.task.law.pmf(LISTED).probs().values())) == 1


def _weighted(entry: Any) -> bool:
    return _plain(entry) and not _fair(entry)


def _spread(tasks: Sequence[Any]) -> list[Any]:
    step = max(1.0, len(tasks) / SHOWN)
    return [tasks[int(i * step)] for i in range(min(SHOWN, len(tasks)))]


_LOOKS: dict[str, list[Any]] = {}


def looks(local: Any) -> dict[str, list[Any]]:
    """Every slice, laid out once a process: the tokenizer is the same for all arms."""
    from evenodds.models.base import Decoding
    from evenodds.train.probe import Look

    for name, tasks in sliced(entries_of()).items() if not _LOOKS else ():
        _LOOKS[name] = [Look(local, task, Decoding()) for task in tasks]
    return _LOOKS


def measured(local: Any, replay: Any, seed: int) -> dict[str, float]:
    """tv, KL or accuracy of every slice, valid mass, and ordinary instructions."""
    from evenodds.train.control import asked, rightly

    found: dict[str, float] = {}
    for name, slice_ in looks(local).items():
        rows = _told(local, slice_)
        key = "valid" if name.startswith("twins") else "kl" if "structured" in name else "tv"
        found[name] = fmean(row[key] for row in rows if key in row)
        if name == "seen":
            found["valid"] = fmean(row["valid"] for row in rows if "valid" in row)
    kept = rightly(local, asked(local, replay, seed, 60))
    return found | {f"instructions {kind}": value for kind, value in kept.items()}


def _told(local: Any, looks: Sequence[Any]) -> list[dict[str, float]]:
    from evenodds.models.base import Decoding
    from evenodds.train.forest import Forest

    forest = Forest(local, [(look.context, look.tree) for look in looks], Decoding())
    return [look.tell(each) for look, each in zip(looks, forest.logprobs(), strict=True)]


def print_table(rows: Sequence[Row]) -> None:
    """A table in Markdown: arms down, slices across, means over seeds (least to most)."""
    names = [name for name, value in rows[0].items() if isinstance(value, int | float)]
    names = [name for name in names if name not in ("seed",)]
    print("| " + " | ".join(["method", *names]) + " |")
    print("|---" * (len(names) + 1) + "|")
    for (arm,), members in grouped(rows, "arm").items():
        cells = [spread([row[name] for row in members]) for name in names]
        shown = [f"{c.mean:.3f} ({c.least:.3f} to {c.most:.3f})" for c in cells]
        print("| " + " | ".join([arm, *shown]) + " |")


if __name__ == "__main__":
    main()
