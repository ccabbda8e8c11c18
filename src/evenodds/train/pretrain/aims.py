"""What `tiny` was meant to reach, measured: valid answers, the bias, instructions, new words.

Every prompt is in a frame that the corpus never shows. The die is measured exactly; families by
draws, a reply being valid when the task's own parser finds an outcome of the fair target in it.
"""

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from evenodds.distributions import parse
from evenodds.errors import TargetError
from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding
from evenodds.models.local import Local
from evenodds.tasks.answer import AnswerFormat, Hit
from evenodds.tasks.suite import load_suite
from evenodds.tasks.task import Task
from evenodds.train.pretrain.biases import DIE
from evenodds.train.pretrain.example import Example
from evenodds.train.pretrain.families import RANDOM
from evenodds.train.pretrain.frames import frames
from evenodds.train.pretrain.instructions import INSTRUCTIONS
from evenodds.train.pretrain.numbers import die
from evenodds.train.pretrain.stream import FAMILIES
from evenodds.train.pretrain.writer import Family, Writer

DRAWS = 4
PROMPTS = 50
SHAPED = ("coin", "range", "list", "weighted", "weighted_coin", "dice_sum")
PLAIN = ("add", "subtract", "copy", "capital", "smalltalk")
COPYING = ("list", "weighted", "coin_labels")


@dataclass(frozen=True)
class Aim:
    """One aim: what was wanted and what was measured, both shares or probabilities."""

    name: str
    wanted: float
    measured: float


def task_of(example: Example) -> Task:
    """The example as a task: its prompt and what a fair answer would be."""
    return Task(
        prompt=example.prompt,
        target=parse(example.target),
        format=AnswerFormat.from_text(example.form),
        family=example.family,
        category="basic",
        level=1,
        split="unseen_phrasing",
    )


def measure_aims(model: Local, seed: int = 0) -> dict[str, object]:
    """Every aim with its measured value, the die in detail, and validity by family."""
    die_frames = die_on_held_out_frames(model, seed)
    suite = die_suite(model)
    families = {name: validity(model, name, seed) for name in FAMILIES}
    new_words = {name: validity(model, name, seed, unseen_words=True) for name in COPYING}
    right = instructions_right(model, INSTRUCTIONS, seed)
    plain = {name: INSTRUCTIONS[name] for name in PLAIN}
    article = measure_exact(model, load_suite("die").tasks[0])
    four = (article.model_pmf or {}).get("4", 0.0)
    aims = [
        Aim("valid answers, die, frames never seen", 0.95, die_frames["valid"]),
        Aim("P(4), mean, die, frames never seen", 0.7, die_frames["four"]),
        Aim("4 likeliest, share of frames never seen", 0.8, die_frames["four_first"]),
        Aim(
            "valid answers, all random families, frames never seen", 0.95, _share(families, RANDOM)
        ),
        Aim("P(4) on the die article's own prompt", 0.8, four),
        Aim(
            "arithmetic, copying, capitals, small talk right, frames never seen",
            0.95,
            instructions_right(model, plain, seed),
        ),
        Aim("all ordinary instructions right, frames never seen", 0.95, right),
        *(Aim(f"valid, {name}, words never seen", 0.9, share) for name, share in new_words.items()),
    ]
    return {
        "parameters": model.model.num_parameters(),
        "aims": [
            {"name": a.name, "wanted": a.wanted, "measured": round(a.measured, 4)} for a in aims
        ],
        "die_suite": suite,
        "die_frames": die_frames,
        "valid_by_family": families,
        "tv_to_intended": {name: tv_to_intended(model, name, seed) for name in SHAPED},
    }


def _share(families: dict[str, float], wanted: Mapping[str, tuple[object, float]]) -> float:
    weights = {name: weight for name, (_, weight) in wanted.items()}
    return sum(families[name] * weight for name, weight in weights.items()) / sum(weights.values())


def die_on_held_out_frames(model: Local, seed: int, fills: int = 4) -> dict[str, float]:
    """Exact masses on the held-out frames of a die, `fills` prompts for each frame, as means."""
    writer = Writer(random.Random(seed), unseen_frames=True, wide=True)
    prompts = [die(writer) for _ in range(fills * len(frames("die", unseen=True, wide=True)))]
    return _die_means(model, [task_of(example) for example in prompts])


def die_suite(model: Local) -> dict[str, dict[str, float]]:
    """The same on the built-in die suite by split; the corpus has its first prompt alone."""
    suite = load_suite("die")
    splits = sorted({task.split for task in suite.tasks})
    return {
        split: _die_means(model, [task for task in suite.tasks if task.split == split])
        for split in splits
    }


def _die_means(model: Local, tasks: list[Task]) -> dict[str, float]:
    pmfs = [measured.model_pmf or {} for measured in (measure_exact(model, task) for task in tasks)]
    return {
        "valid": fmean(sum(pmf.values()) for pmf in pmfs),
        "four": fmean(pmf.get("4", 0.0) for pmf in pmfs),
        "four_first": fmean(max(pmf, key=lambda face: pmf[face]) == "4" for pmf in pmfs),
        "tv_to_fair": fmean(1 - sum(min(mass, 1 / 6) for mass in pmf.values()) for pmf in pmfs),
        "tv_to_intended": fmean(
            1 - sum(min(pmf.get(f, 0.0), p) for f, p in DIE.items()) for pmf in pmfs
        ),
        "prompts": len(tasks),
    }


def tv_to_intended(model: Local, name: str, seed: int, prompts: int = 40) -> float:
    """Mean tv of the model to the law that the corpus intends, exact, in frames never seen."""
    drawn = itertools.islice(_prompts(name, seed), prompts)
    return fmean(_tv_of(model, example) for example in drawn)


def _tv_of(model: Local, example: Example) -> float:
    said = measure_exact(model, task_of(example)).model_pmf or {}
    last = example.answer[-1]
    texts = [text.strip().removesuffix("</answer>") for text in last.texts]
    return 1 - sum(min(p, said.get(t, 0.0)) for t, p in zip(texts, last.weights, strict=True))


def _prompts(name: str, seed: int, *, unseen_words: bool = False) -> Iterator[Example]:
    writer = Writer(
        random.Random(f"{name} {seed}"), unseen_frames=True, wide=True, unseen_words=unseen_words
    )
    while True:
        yield FAMILIES[name][0](writer)


def validity(model: Local, name: str, seed: int, *, unseen_words: bool = False) -> float:
    """Share of valid draws over `PROMPTS` prompts of a family, `DRAWS` draws each."""
    hits: list[bool] = []
    for example in _prompts(name, seed, unseen_words=unseen_words):
        try:
            task = task_of(example)
            replies = model.draw(task.prompt, DRAWS, Decoding(), seed=seed + len(hits))
            hits += [isinstance(task.parse(reply.text), Hit) for reply in replies]
        except TargetError:
            continue
        if len(hits) >= PROMPTS * DRAWS:
            break
    return fmean(hits)


def instructions_right(
    model: Local, kinds: Mapping[str, tuple[Family, float]], seed: int, prompts: int = 600
) -> float:
    """Share of instructions answered rightly at temperature 0, in frames never seen."""
    names = list(kinds)
    weights = [weight for _, weight in kinds.values()]
    drawn = random.Random(seed).choices(names, weights, k=prompts)
    sources = {name: _prompts(name, seed) for name in names}
    examples = [next(sources[name]) for name in drawn]
    return fmean(answered(model, example.prompt) == example.reply for example in examples)


def answered(model: Local, prompt: str) -> str:
    """The likeliest reply."""
    return model.draw(prompt, 1, Decoding(temperature=0.0), seed=0)[0].text.strip()


def write_aims(model: Local, path: Path, seed: int = 0) -> dict[str, object]:
    """Measure and write as JSON."""
    measured = measure_aims(model, seed)
    path.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return measured
