"""A look at the model while a run goes on: a few passes for all tasks, canonical spellings alone.

What is not spelled canonically counts as wrong, so the tv told here is never below the true one;
the measurements before and after a run count every spelling.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evenodds.models.base import PrefixTree
from evenodds.tasks.trie import token_trie
from evenodds.train.forest import Floats, Forest

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task
    from evenodds.train.control import Control

LISTED = 300
"""Larger supports, and trees of more tokens to feed, are not listed: one would cost as much as all
other tasks together. Theirs is the KL divergence, from a few fixed draws."""
DRAWN = 8
SHOWN = 20
"""The first task's pmf is told when it has at most so many outcomes."""


class Look:
    """One task, laid out once: its answers as a tree, the fair mass of each, and what to tell.

    Of a large support only DRAWN answers of the target stand in the tree, always the same.
    """

    def __init__(self, scorer: Scorer, task: Task, decoding: Decoding) -> None:
        self.task = task
        self.context = scorer.context(task.prompt, decoding)
        whole = _all(scorer, task, decoding)
        self.listed = whole is not None
        self.tree, self.nodes, outcomes = whole or _some(scorer, task, decoding)
        self.names = [str(outcome) for outcome in outcomes]
        self.fair = np.exp([task.law.logprob(outcome) for outcome in outcomes])
        self.target_entropy = task.law.entropy() if self.listed else 0.0

    def tell(self, logprob: Floats) -> dict[str, float]:
        """Numbers of this task from the log-probabilities (nats) of the tree's nodes."""
        found = np.minimum(0.0, logprob[self.nodes])
        if not self.listed:
            return {"kl": float(np.mean(np.log(self.fair) - found))}
        p = np.exp(found)
        valid = min(1.0, float(p.sum()))
        tv = (float(np.abs(self.fair - p).sum()) + 1 - valid) / 2
        return {"tv": tv, "valid": valid, **self._spread(p / p.sum() if valid > 0 else p)}

    def _spread(self, p: Floats) -> dict[str, float]:
        """Entropy (nats) of the law over outcomes, given that the answer is one of them."""
        if self.task.law.support_size == 1:
            return {}
        entropy = float(-(p[p > 0] * np.log(p[p > 0])).sum())
        return {"entropy": entropy, "entropy_share": entropy / self.target_entropy}


def probe(
    scorer: Scorer,
    tasks: Sequence[Task],
    decoding: Decoding,
    count: int,
    control: Control | None = None,
) -> Callable[[], dict[str, float]]:
    """A function that looks at up to `count` tasks of each split, taken evenly from the list.

    It gives means over tasks, each left out where there is nothing to look at. Of the train split:
    "tv" (total variation, invalid mass counted), "valid" (mass on outcomes), "entropy" (nats, over
    outcomes, of a valid answer), "entropy_share" (of the target's), "kl" (forward, nats an answer,
    of large supports, estimated from DRAWN fixed draws of the target: exact where the model
    equals it, else off by their chance). "tv_unseen": of all other splits together. "tv:SPLIT",
    "valid:SPLIT" and "n:SPLIT" (tasks) for the model card. "twins": mean probability of the right
    answer to deterministic tasks of any split, which are in none of the above. "control": what
    `control` says of ordinary instructions; it has "n:control" of them, or "n:own" where they are
    the model's own former answers. "p:OUTCOME": the first task's pmf.
    """
    splits = dict.fromkeys(task.split for task in tasks)
    chosen = [task for split in splits for task in _spread(tasks, split, count)]
    looks = [Look(scorer, task, decoding) for task in dict.fromkeys([*_first(tasks), *chosen])]
    forest = Forest(scorer, [(look.context, look.tree) for look in looks], decoding)

    def measure() -> dict[str, float]:
        found = forest.logprobs()
        told = [(look.task, look.tell(each)) for look, each in zip(looks, found, strict=True)]
        numbers = {**_trained(told), **_unseen(told), **_splits(told), **_twins(told)}
        if control is not None and len(control):
            count = "n:own" if control.before is not None else "n:control"
            numbers |= {"control": control(), count: float(len(control))}
        return numbers | _shown(looks[0], found[0]) if looks else numbers

    return measure


Told = Sequence[tuple["Task", dict[str, float]]]


def _trained(told: Told) -> dict[str, float]:
    rows = [row for task, row in told if task.split == "train" and task.kind == "random"]
    return dict(_means(rows, "tv", "valid", "entropy", "entropy_share", "kl"))


def _unseen(told: Told) -> dict[str, float]:
    rows = [row for task, row in told if task.split != "train" and task.kind == "random"]
    return {f"{name}_unseen": value for name, value in _means(rows, "tv")}


def _splits(told: Told) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for split in dict.fromkeys(task.split for task, _ in told):
        rows = [row for task, row in told if task.split == split and task.kind == "random"]
        measured = sum("tv" in row for row in rows)
        numbers |= {f"n:{split}": float(measured)} if measured else {}
        numbers |= {f"{name}:{split}": value for name, value in _means(rows, "tv", "valid")}
    return numbers


def _twins(told: Told) -> dict[str, float]:
    rows = [row for task, row in told if task.kind == "deterministic"]
    if not rows:
        return {}
    right = sum(row["valid"] for row in rows) / len(rows)
    return {"twins": right, "n:twins": float(len(rows))}


def _means(rows: Sequence[dict[str, float]], *names: str) -> Iterator[tuple[str, float]]:
    for name in names:
        known = [row[name] for row in rows if name in row]
        if known:
            yield name, sum(known) / len(known)


def _shown(look: Look, logprob: Floats) -> dict[str, float]:
    if not look.listed or len(look.names) > SHOWN:
        return {}
    p = np.exp(np.minimum(0.0, logprob[look.nodes])).tolist()
    return {f"p:{name}": each for name, each in zip(look.names, p, strict=True)}


def _first(tasks: Sequence[Task]) -> list[Task]:
    """The first task of the train split: the one whose pmf is told."""
    return [task for task in tasks if task.split == "train" and task.kind == "random"][:1]


def _spread(tasks: Sequence[Task], split: str, count: int) -> list[Task]:
    """Of a split's random tasks, and of its deterministic ones, `count` at even distances."""
    chosen: list[Task] = []
    for kind in ("random", "deterministic"):
        known = [task for task in tasks if task.split == split and task.kind == kind]
        step = max(1.0, len(known) / count)
        chosen += [known[int(i * step)] for i in range(min(count, len(known)))]
    return chosen


Laid = tuple[PrefixTree, list[int], list[Any]]
"""A tree, the nodes at which answers end, and their outcomes."""


def _all(scorer: Scorer, task: Task, decoding: Decoding) -> Laid | None:
    """Every outcome; None where they are too many, or their tree too large."""
    if task.law.support_size > LISTED:
        return None
    trie = token_trie(task, scorer, decoding, limit=LISTED)
    if sum(1 for _ in trie.tree.inner()) > LISTED:
        return None
    return trie.tree, list(trie.outcome), list(trie.outcome.values())


def _some(scorer: Scorer, task: Task, decoding: Decoding) -> Laid:
    rng, tree = random.Random(task.key), PrefixTree()
    outcomes = [task.law.draw(rng) for _ in range(DRAWN)]
    texts = [task.format.spellings(outcome)[0] for outcome in outcomes]
    left = [text.removeprefix(decoding.prefill) for text in texts]
    return tree, [tree.add(scorer.spell(task.prompt, text, decoding)) for text in left], outcomes
