"""A task, prepared so that each step can draw a row from it: `Lesson.row(rng)`.

Three cases, by the size of the support:
- few outcomes: the whole token trie, exact law at every node;
- a trie of more fed tokens than `nodes`: the paths of a few drawn outcomes, exact laws still;
- more than `outcomes` outcomes (shuffles, passwords): one drawn outcome; its tokens carry the exact
  conditional where the pieces of the target's tree fall on token boundaries, one-hot elsewhere.

A deterministic twin is a task whose law is a point mass; it is taught like any other.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenodds.distributions import Tree
from evenodds.tasks.trie import TokenTrie, token_trie
from evenodds.train.noise import noisy
from evenodds.train.rows import Row, one_hot, path_row, trie_row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task
    from evenodds.train.config import MatchConfig


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

    def __init__(self, task: Task, scorer: Scorer, decoding: Decoding, noise: float) -> None:
        self.prompt, self.scorer, self.decoding = task.prompt, scorer, decoding
        self.clean = scorer.context(task.prompt, decoding)
        self.kept = _kept(task)
        self.noise = noise

    def draw(self, rng: random.Random) -> tuple[int, ...]:
        """The ids of the prompt, noisy with probability `noise`."""
        if rng.random() >= self.noise:
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

    def row(self, rng: random.Random) -> Row:
        """The whole trie, or `paths` drawn paths of it, after a freshly drawn prompt."""
        context = self.prompts.draw(rng)
        if not self.paths:
            whole = self.whole
            return Row(context, whole.tokens, whole.parents, whole.edges, whole.entropy)
        return trie_row(context, self.trie, [self._path(rng) for _ in range(self.paths)])

    def _path(self, rng: random.Random) -> list[int]:
        path, node = [], 0
        while law := self.trie.next_target(node):
            token = rng.choices(list(law), weights=list(law.values()))[0]
            path.append(token)
            node = self.trie.child(node, token)
        return path


class PathLesson:
    """A task with too many outcomes to list: one is drawn and spelled at each step."""

    def __init__(self, task: Task, prompts: Prompts, scorer: Scorer, decoding: Decoding) -> None:
        self.task, self.prompts, self.scorer, self.decoding = task, prompts, scorer, decoding
        self.pieces: dict[tuple[str, str], tuple[int, ...]] = {}

    def row(self, rng: random.Random) -> Row:
        """One path with the exact next-token law wherever pieces and tokens share boundaries."""
        outcome = self.task.law.draw(rng)
        reply = self.task.format.spellings(outcome)[0]
        path = self.scorer.spell(self.task.prompt, reply, self.decoding)
        laws = one_hot(path)
        if isinstance(self.task.law, Tree):
            self._sharpen(laws, path, reply, str(outcome), self.task.law)
        return path_row(self.prompts.draw(rng), path, laws)

    def _sharpen(
        self, laws: list[dict[int, float]], path: Sequence[int], reply: str, text: str, law: Tree
    ) -> None:
        """Replace one-hot laws by exact conditionals, piece by piece."""
        start = reply.find(text)
        boundary = {len(self.scorer.text(path[:i])): i for i in reversed(range(len(path)))}
        for prefix, pieces, chosen in law.steps(text):
            at = boundary.get(start + len(prefix))
            if at is not None:
                before = reply[: start + len(prefix)]
                spelled = self._spelled(before, pieces)
                _refine(laws, path, at, spelled, self._tokens(before, _piece(chosen)))

    def _spelled(self, before: str, pieces: Any) -> list[tuple[tuple[int, ...], float]]:
        return [
            (self._tokens(before, piece), float(pieces.prob((piece, state))))
            for piece, state in pieces
        ]

    def _tokens(self, before: str, piece: str) -> tuple[int, ...]:
        """Tokens of `piece` after `before`; they depend on the last character before it only."""
        key = (before[-1:], piece)
        if key not in self.pieces:
            self.pieces[key] = self._spell_piece(before, piece)
        return self.pieces[key]

    def _spell_piece(self, before: str, piece: str) -> tuple[int, ...]:
        """() where the tokenizer lets no token boundary fall before the piece."""
        whole = self.scorer.spell(self.task.prompt, before + piece, self.decoding)[:-1]
        cut = next((i for i in range(len(whole) + 1) if self._ends(whole[:i], before)), None)
        return () if cut is None else tuple(whole[cut:])

    def _ends(self, path: Sequence[int], before: str) -> bool:
        return self.scorer.text(path) == before


def _piece(chosen: Any) -> str:
    return chosen if isinstance(chosen, str) else str(chosen[0])


def _refine(
    laws: list[dict[int, float]],
    path: Sequence[int],
    at: int,
    spelled: Sequence[tuple[tuple[int, ...], float]],
    chosen: tuple[int, ...],
) -> None:
    """Along the chosen piece's tokens, the law of the next token given the ones before it.

    Left one-hot when some alternative has no tokens of its own, when one alternative's tokens begin
    another's (what follows would then depend on what comes after the piece), or when the path does
    not spell the chosen piece with its own tokens.
    """
    options = [tokens for tokens, _ in spelled]
    if not chosen or tuple(path[at : at + len(chosen)]) != chosen or not _prefix_free(options):
        return
    for i in range(len(chosen)):
        law: dict[int, float] = {}
        for tokens, prob in spelled:
            if tokens[:i] == chosen[:i]:
                law[tokens[i]] = law.get(tokens[i], 0.0) + prob
        total = sum(law.values())
        laws[at + i] = {token: prob / total for token, prob in law.items()}


def _prefix_free(options: Sequence[tuple[int, ...]]) -> bool:
    """True when no option is empty and none begins another (equal ones count once)."""
    distinct = sorted(set(options))
    return all(distinct) and all(
        b[: len(a)] != a for a, b in zip(distinct, distinct[1:], strict=False)
    )


def prepare(
    task: Task, scorer: Scorer, decoding: Decoding, config: MatchConfig
) -> TrieLesson | PathLesson:
    """The lesson of a task. Raises FormatError when the tokenizer cannot spell its answers."""
    prompts = Prompts(task, scorer, decoding, config.noise)
    if task.law.support_size > config.outcomes:
        return PathLesson(task, prompts, scorer, decoding)
    trie = token_trie(task, scorer, decoding, limit=config.outcomes)
    return TrieLesson(task, prompts, trie, config)
