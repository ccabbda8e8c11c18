"""A broad set of tasks: what `match` teaches, and what carries over to what it never saw.

    python benchmarks/broad.py [MODEL] [--tasks 16000] [--corpus FOLDER] [--trained 12000]
        [--seconds 600] [--seeds 3] [--measured 60] [--validation] [--probes 0] [--set lr=.002 ...]

Makes a corpus (or takes the one in FOLDER), trains on its train split (at most `--trained` tasks
of it) and measures a fixed sample of every split before and after:

- random tasks of at most 300 outcomes: tv by exact probabilities, all spellings that the task's
  parser reads counted. A perfect sampler has tv 0 there, so this is the excess tv. Replies that
  were not followed to their end count as invalid ("tv at least": as just what was missing);
- deterministic twins: the probability of the right answer;
- tasks of more outcomes: KL(target, model) in nats an answer, from 8 drawn answers scored exactly.

Ordinary instructions are measured as in `match_die.py`. `--validation` holds the same four kinds of
tasks out of the train split and measures those: tune with it, so that the held-out splits are
looked at once. `--probes N` prints a quick look (canonical spellings alone) N times along the way.
CPU seconds are those of the whole run: preparation, training, looks and saving.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

SPLITS = {
    "train": "seen",
    "unseen_phrasing": "never-seen phrasings",
    "unseen_parameters": "unseen parameters",
    "unseen_family": "unseen families",
    "unseen_category": "unseen domain",
}
BROAD: dict[str, Any] = {
    "batch": 32,
    "lr": 3e-3,
    "warmup": 20,
    "half": True,
    "length_power": 0.5,
    "outcomes": 64,
    "noise": 0.3,
    "replay": 0.4,
    "replay_rows": 12,
}
LISTED, ANSWERS, REHEARSED = 300, 8, 20_000


def main() -> None:
    """Run the benchmark as the command line says."""
    import torch

    torch.set_num_threads(1)
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        entries = corpus(asked.corpus or f"{folder}/corpus", asked.tasks)
        if asked.validation:
            entries = validation(entries)
        rows = [one_run(asked, entries, seed) for seed in range(asked.first, asked.seeds)]
    print(table(rows))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="tiny")
    parser.add_argument("--tasks", type=int, default=16_000)
    parser.add_argument("--corpus")
    parser.add_argument("--trained", type=int, default=12_000)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--measured", type=int, default=60)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--probes", type=int, default=0)
    parser.add_argument("--keep", help="a folder for the runs; gone when left out")
    parser.add_argument("--set", nargs="*", default=[], metavar="OPTION=VALUE")
    return parser.parse_args()


def corpus(folder: str, tasks: int) -> list[Any]:
    """The entries of the corpus in `folder`, made there first if need be."""
    from evenodds.corpus.entry import Entry
    from evenodds.corpus.make import Recipe, make

    path = Path(folder)
    if not (path / "tasks.jsonl").exists():
        make(Recipe(tasks), path)
    lines = (path / "tasks.jsonl").read_text("utf-8").splitlines()
    return [Entry.from_json(json.loads(line)) for line in lines]


def validation(entries: Sequence[Any]) -> list[Any]:
    """The train split alone, divided again in the same four ways by another seed."""
    from evenodds.corpus.split import Shares, assign

    train = [entry for entry in entries if entry.task.split == "train"]
    return assign(train, seed=1, shares=Shares(0.03, 0.07, 0.07, 0.07))


def one_run(asked: Any, entries: Sequence[Any], seed: int) -> dict[str, float]:
    """Train and measure once; the numbers by name."""
    from evenodds.cli.ordinary import asked as questions_of
    from evenodds.models.load import load_model
    from evenodds.train.match import MatchConfig
    from evenodds.train.run import train

    local = load_model(asked.model)
    tasks = trained_on(entries, asked.trained, seed)
    sample = measured(entries, tasks, asked.measured)
    replay = rehearsed(local, seed)
    questions = questions_of(local, replay, seed)
    before = measure(local, sample, questions, after=False)
    options = {
        **BROAD,
        "steps": int(5 * asked.seconds),
        "checkpoint_every": 10**6,
        "log_every": 100,
    }
    options |= {"seconds": asked.seconds, "seed": seed, "guard": "off", "probe_every": 0}
    options |= dict(map(_option, asked.set))
    if asked.probes:
        options["probe_every"] = max(1, options["steps"] // asked.probes)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(asked.keep or folder) / f"seed{seed}"
        look = looking(local, sample) if asked.probes else None
        trained = train(
            local, tasks, MatchConfig(**options), out, replay=replay, probe=look, on_event=_told
        )
        final = load_model(str(trained.model))
    row = {**before, **measure(final, sample, questions, after=True)}
    row |= {"steps": trained.step, "CPU seconds": trained.seconds, "tasks": len(tasks)}
    print(json.dumps({"seed": seed, "options": options, **row}), flush=True)
    return row


def rehearsed(local: Any, seed: int) -> list[Any]:
    """Ordinary exchanges to replay; of the embedded model more than elsewhere."""
    from evenodds.cli.ordinary import rehearsal
    from evenodds.train.replay import Exchange

    if local.name != "tiny":
        return rehearsal(local, seed)
    from evenodds.train.pretrain.instructions import instructions

    return [Exchange(prompt, reply) for prompt, reply in instructions(seed, REHEARSED)]


def trained_on(entries: Sequence[Any], most: int, seed: int) -> list[Any]:
    """At most `most` tasks of the train split, chosen by the seed."""
    tasks = [entry.task for entry in entries if entry.task.split == "train"]
    return random.Random(seed).sample(tasks, min(most, len(tasks)))


def measured(entries: Sequence[Any], trained: Sequence[Any], count: int) -> dict[str, list[Any]]:
    """By split the same tasks for every seed (of "train" those that were trained on)."""
    keys = {task.key for task in trained}
    found: dict[str, list[Any]] = {}
    for split in SPLITS:
        of_split = [e.task for e in entries if e.task.split == split]
        there = [t for t in of_split if split != "train" or t.key in keys]
        for kind in (_is_listed, _is_twin, _is_large):
            few = [task for task in there if kind(task)]
            most = count if kind is _is_listed else count // 3
            found[f"{split} {kind.__name__}"] = random.Random(5).sample(few, min(most, len(few)))
    return found


def _is_listed(task: Any) -> bool:
    return task.kind == "random" and task.law.support_size <= LISTED


def _is_twin(task: Any) -> bool:
    return bool(task.kind != "random")


def _is_large(task: Any) -> bool:
    return task.kind == "random" and task.law.support_size > LISTED


def measure(local: Any, sample: Any, questions: Any, *, after: bool) -> dict[str, float]:
    """All numbers of one model, named "KIND, SPLIT, before" or "after"."""
    from evenodds.cli.ordinary import rightly

    when, started = ("after" if after else "before"), time.process_time()
    numbers: dict[str, float] = {}
    for split, name in SPLITS.items():
        listed = [_bounds(local, task) for task in sample[f"{split} _is_listed"]]
        if listed:
            numbers[f"tv, {name}, {when}"] = mean(high for _, high, _ in listed)
            numbers[f"tv at least, {name}, {when}"] = mean(low for low, *_ in listed)
            numbers[f"valid, {name}, {when}"] = mean(valid for *_, valid in listed)
        twins = [1 - _bounds(local, task)[1] for task in sample[f"{split} _is_twin"]]
        if twins:
            numbers[f"twins right, {name}, {when}"] = mean(twins)
        nats = [_nats(local, task) for task in sample[f"{split} _is_large"]]
        if nats:
            numbers[f"KL of large, {name}, {when}"] = mean(nats)
    kept = rightly(local, questions)
    numbers |= {f"instructions {kind}, {when}": value for kind, value in kept.items()}
    return numbers | {f"CPU seconds of measuring, {when}": time.process_time() - started}


def _bounds(local: Any, task: Any) -> tuple[float, float, float]:
    """The least and the most that tv can be, and the least valid mass."""
    from evenodds.measure.exact import measure_bounded

    found = measure_bounded(local, task, tolerance=0.01, budget=128)
    tv, valid = found.statistics["tv"], found.statistics["valid"]
    high = float(tv.value if tv.value is not None else 1.0)
    return float(tv.low if tv.low is not None else high), high, float(valid.value or 0.0)


def _nats(local: Any, task: Any) -> float:
    from evenodds.measure.cross import cross_entropy
    from evenodds.models.base import Decoding

    found = cross_entropy(local, task, Decoding(), answers=ANSWERS)["kl_forward"].value
    return 1e3 if found is None else found


def looking(local: Any, sample: Any) -> Callable[[], dict[str, float]]:
    """A quick look at each split: canonical spellings alone."""
    from evenodds.models.base import Decoding
    from evenodds.train.probe import probe

    tasks = [task for split in SPLITS for task in sample[f"{split} _is_listed"]]
    return probe(local, tasks, Decoding(), len(tasks))


def _told(event: Any) -> None:
    if event.kind in ("probe", "step") and (event.kind == "probe" or event.step % 500 == 0):
        values = {k: round(v, 4) for k, v in event.values.items() if isinstance(v, float)}
        print(event.kind, event.step, round(event.seconds), values, flush=True)


def table(rows: Sequence[dict[str, float]]) -> str:
    """Before, after and factor by split, then everything else, over the seeds."""
    lines = [f"\n| tv, {len(rows)} seeds | before | after (spread) | factor |", "|---|---|---|---|"]
    for name in SPLITS.values():
        if f"tv, {name}, after" in rows[0]:
            before = mean(row[f"tv, {name}, before"] for row in rows)
            after = [row[f"tv, {name}, after"] for row in rows]
            lines.append(
                f"| {name} | {before:.3f} | {mean(after):.3f} ({min(after):.3f} to "
                f"{max(after):.3f}) | {before / mean(after):.2f} |"
            )
    lines += ["", "| | mean | least | most |", "|---|---|---|---|"]
    for name in (name for name in rows[0] if not name.startswith("tv,")):
        values = [row[name] for row in rows]
        lines.append(f"| {name} | {mean(values):.4f} | {min(values):.4f} | {max(values):.4f} |")
    return "\n".join(lines)


def _option(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    main()
