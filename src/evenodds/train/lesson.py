"""A task, prepared so that each step can draw a row from it: `Lesson.row(rng, noise)`.

Three cases, by the size of the support:
- few outcomes: the whole token trie, exact law at every node;
- a trie of more fed tokens than `nodes`: the paths of a few drawn outcomes, exact laws still;
- more than `outcomes` outcomes (shuffles, passwords): one drawn outcome; its tokens carry the exact
  conditional where the pieces of the target's tree fall on token boundaries, one-hot elsewhere.

A deterministic twin is a task whose law is a point mass; it is taught like any other.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evenodds.tasks.trie import TokenTrie, token_trie
from evenodds.train.noise import noisy
from evenodds.train.path import Known, PathLesson
from evenodds.train.rows import Row, blended, shortened, trie_row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task
    from evenodds.train.match import MatchConfig


@dataclass(frozen=True)
class Targets:
    """A token trie seen as a row sees it: laws and children by node."""

    trie: TokenTrie

    def next_target(self, node: int) -> Mapping[int, float]:
        """Next token -> probability; empty at the end of an answer."""
        return self.trie.next_target(node)

    def child(self, node: int, token: int) -> int:
        """The node that `token` leads to."""
        return self.trie.tree.children(node)[token]


class Prompts:
    """The token ids of a task's prompt, now and then with noise; clean ones are encoded once."""

    def __init__(self, task: Task, scorer: Scorer, decoding: Decoding) -> None:
        self.prompt, self.scorer, self.decoding = task.prompt, scorer, decoding
        self.clean = scorer.context(task.prompt, decoding)
        self.kept = _kept(task)

    def draw(self, rng: random.Random, noise: float) -> tuple[int, ...]:
        """The ids of the prompt, noisy with probability `noise`."""
        if rng.random() >= noise:
            return self.clean
        return self.scorer.context(noisy(self.prompt, self.kept, rng), self.decoding)


def _kept(task: Task, limit: int = 200) -> tuple[str, ...]:
    """Texts of the prompt that noise must not touch: what an answer is made of."""
    few = task.law.support_size <= limit
    outcomes = [str(x) for x in task.law.pmf(limit)] if few else [task.prompt]
    return (*outcomes, task.format.label) if task.format.label else tuple(outcomes)


class TrieLesson:
    """A task with a support small enough to spell out."""

    def __init__(self, task: Task, prompts: Prompts, trie: TokenTrie, config: MatchConfig) -> None:
        self.task, self.prompts, self.trie = task, prompts, Targets(trie)
        self.whole = trie_row((), self.trie)
        self.paths = config.paths if len(self.whole.tokens) > config.nodes else 0
        self.sampled = config.sampled

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """The whole trie, or `paths` drawn paths of it, after a freshly drawn prompt."""
        context = self.prompts.draw(rng, noise)
        if not self.paths:
            row = replace(self.whole, context=context)
            return blended(row, self._path(rng), self.sampled) if self.sampled else row
        paths = [self._path(rng) for _ in range(self.paths)]
        row = trie_row(context, self.trie, paths)
        return blended(row, paths[0], self.sampled) if self.sampled else row

    def _path(self, rng: random.Random) -> list[int]:
        path, node = [], 0
        while law := self.trie.next_target(node):
            token = rng.choices(list(law), weights=list(law.values()))[0]
            path.append(token)
            node = self.trie.child(node, token)
        return path


@dataclass(frozen=True)
class Shortened:
    """A lesson whose rows count by their answers' length to the power -`power`."""

    lesson: TrieLesson | PathLesson
    power: float

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """The lesson's row, its loss and entropy scaled."""
        return shortened(self.lesson.row(rng, noise), self.power)


def prepare(
    task: Task,
    scorer: Scorer,
    decoding: Decoding,
    config: MatchConfig,
    known: Known | None = None,
) -> TrieLesson | PathLesson:
    """The lesson of a task. Raises FormatError when the tokenizer cannot spell its answers.

    `known`: see `PathLesson`; lessons of one scorer and decoding are prepared faster with it.
    """
    prompts = Prompts(task, scorer, decoding)
    if task.law.support_size > config.outcomes:
        return PathLesson(task, prompts.draw, scorer, decoding, sampled=config.sampled, known=known)
    trie = token_trie(task, scorer, decoding, limit=config.outcomes)
    return TrieLesson(task, prompts, trie, config)
