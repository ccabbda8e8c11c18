"""A look at the model while a run goes on: one forward pass a task, canonical spellings alone.

What is not spelled canonically counts as wrong, so the tv told here is never below the true one;
the measurements before and after a run count every spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp
from typing import TYPE_CHECKING

from evenodds.models.base import path_logprobs
from evenodds.tasks.trie import TokenTrie, token_trie

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

LISTED = 1000  # larger supports are not probed


class Look:
    """One task, laid out once, to be scored again and again."""

    def __init__(self, scorer: Scorer, task: Task, decoding: Decoding) -> None:
        self.scorer, self.decoding = scorer, decoding
        self.context = scorer.context(task.prompt, decoding)
        self.trie: TokenTrie = token_trie(task, scorer, decoding, limit=LISTED)

    def pmf(self) -> dict[str, float]:
        """Outcome text -> probability of its canonical spelling and the end after it."""
        walk = self.scorer.walk(self.context, self.trie.tree, self.decoding)
        total = path_logprobs(self.trie.tree, walk.logprob)
        return {str(x): exp(min(0.0, total[node])) for node, x in self.trie.outcome.items()}

    def tv(self) -> float:
        """Distance to the target: half the absolute differences, mass on no outcome included."""
        pmf = self.pmf()
        fair = {str(x): float(self.trie.mass[node]) for node, x in self.trie.outcome.items()}
        apart = sum(abs(fair[x] - p) for x, p in pmf.items())
        return (apart + max(0.0, 1 - sum(pmf.values()))) / 2


def probe(
    scorer: Scorer, tasks: Sequence[Task], decoding: Decoding, count: int
) -> Callable[[], dict[str, float]]:
    """A function that looks at up to `count` tasks of the train split and of the other splits.

    It gives "tv" and "tv_unseen", mean distances, each left out where there is nothing to look at,
    and "p:OUTCOME", the model's pmf on the first task. Tasks are taken evenly from the list.
    """
    trained = _spread([task for task in tasks if task.split == "train"], count)
    unseen = _spread([task for task in tasks if task.split != "train"], count)
    known = [Look(scorer, task, decoding) for task in trained]
    new = [Look(scorer, task, decoding) for task in unseen]

    def measure() -> dict[str, float]:
        pmf = known[0].pmf() if known else {}
        shown = {f"p:{outcome}": p for outcome, p in pmf.items()} if len(pmf) <= 20 else {}
        return {**_mean("tv", known), **_mean("tv_unseen", new), **shown}

    return measure


def _mean(name: str, looks: Sequence[Look]) -> dict[str, float]:
    return {name: sum(look.tv() for look in looks) / len(looks)} if looks else {}


def _spread(tasks: Sequence[Task], count: int) -> list[Task]:
    """The first task and others at even distances, `count` in all."""
    listable = [task for task in tasks if task.law.support_size <= LISTED]
    if len(listable) <= count:
        return listable
    return [listable[i * len(listable) // count] for i in range(count)]
