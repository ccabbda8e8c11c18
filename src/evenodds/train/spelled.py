"""Laws over characters as exact laws over tokens: passwords, where tokens straddle the choices.

A password is drawn letter by letter, but the tokenizer writes "th" as one token. The law of the
next token given those before is computed by going backwards over pairs of (state, last token):

    beta(s, a) = sum_b q(b | s) [a b may stand side by side] beta(s b, b)
    P(b | s, a) = q(b | s) [a b may stand side by side] beta(s b, b) / beta(s, a)

q(b | s) is the chance that the law, at state s, goes on with the letters of b.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from evenodds.distributions.tree import END, Tree
from evenodds.train.canonical import Merges

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

STATES = 200
TRIALS = 50
SPACE = "Ġ"
BEGIN = "the first token, which carries a space or is one"
SMALL = 1e-4
Law = dict[int, float]


@dataclass(frozen=True)
class Moves:
    """From one state: the tokens (by place in the list of tokens), their chances, where to."""

    tokens: Any
    chances: Any
    after: list[Any]


class Spelled:
    """Draws a text of a character tree as tokens: each with the law of which it was drawn.

    Laws are exact but for the tail: of the tokens below `SMALL` one is drawn to stand for all, with
    their mass, which leaves the mean as it is.
    """

    def __init__(self, tree: Tree, names: Mapping[int, str], merges: Merges, tail: tuple[int, ...]):
        self.ids, self.tail = list(names), tail
        texts = list(names.values())
        self.moves = _moves(tree, [text.removeprefix(SPACE) for text in texts])
        self.first = np.array([text.startswith(SPACE) for text in texts])
        self.moves[BEGIN] = _begun(self.moves[tree.start], self.first, texts.index(SPACE), tree)
        self.beside = merges.side_by_side(texts, texts) & ~self.first
        self.beta: dict[Any, Any] = {END: np.ones(len(texts))}
        self.kept: dict[Any, tuple[Any, Any]] = {}
        self.entropy: dict[Any, float] = {}

    def draw(self, rng: random.Random) -> tuple[tuple[int, ...], list[Law], float]:
        """Tokens, the end included, the law of each, and the entropy of all these laws (nats)."""
        path, laws, entropy = list[int](), list[Law](), 0.0
        state: Any = BEGIN
        last = -1
        while state is not END:
            places, chances = self._law(state, last)
            chosen = rng.choices(range(len(places)), weights=chances)[0]
            laws.append(self._shown(places, chances, rng))
            entropy += self.entropy[state, last]
            last = places[chosen]
            path.append(self.ids[last])
            state = self._after(state, last)
        return (*path, *self.tail), [*laws, *({token: 1.0} for token in self.tail)], entropy

    def _shown(self, places: Any, chances: Any, rng: random.Random) -> Law:
        law = {self.ids[a]: p for a, p in zip(places, chances, strict=True) if p >= SMALL}
        rest = [(a, p) for a, p in zip(places, chances, strict=True) if p < SMALL]
        if rest:
            one = rng.choices([a for a, _ in rest], weights=[p for _, p in rest])[0]
            law[self.ids[one]] = sum(p for _, p in rest)
        return law

    def _law(self, state: Any, last: int) -> tuple[Any, Any]:
        if (state, last) not in self.kept:
            moves = self.moves[state]
            allowed = self.beside[last][moves.tokens] if last >= 0 else True
            mass = moves.chances * allowed * self._onward(moves)
            held = mass > 0
            places, chances = moves.tokens[held], mass[held] / mass.sum()
            self.kept[state, last] = places.tolist(), chances.tolist()
            self.entropy[state, last] = float(-(chances * np.log(chances)).sum())
        return self.kept[state, last]

    def _after(self, state: Any, last: int) -> Any:
        moves = self.moves[state]
        return moves.after[int(np.flatnonzero(moves.tokens == last)[0])]

    def _onward(self, moves: Moves) -> Any:
        """beta behind each move."""
        pairs = zip(moves.after, moves.tokens, strict=True)
        return np.array([self._beta(after)[token] for after, token in pairs])

    def _beta(self, state: Any) -> Any:
        if state not in self.beta:
            moves = self.moves[state]
            self.beta[state] = self.beside[:, moves.tokens] @ (moves.chances * self._onward(moves))
        return self.beta[state]


def _begun(moves: Moves, first: Any, space: int, tree: Tree) -> Moves:
    """The moves at the very start: tokens that carry the space, and the space alone."""
    held = np.flatnonzero(first[moves.tokens])
    after = [*(moves.after[i] for i in held), tree.start]
    return Moves(np.append(moves.tokens[held], space), np.append(moves.chances[held], 1.0), after)


def _moves(tree: Tree, texts: list[str]) -> dict[Any, Moves]:
    """The moves of every state that can be reached token by token."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(place)
    begun = {text[:i] for text in places for i in range(1, len(text) + 1)}
    found: dict[Any, Moves] = {}
    waiting = [tree.start]
    while waiting:
        state = waiting.pop()
        if state in found:
            continue
        moves = list(_from(tree, state, places, begun))
        tokens, chances, after = zip(*moves, strict=True)
        found[state] = Moves(np.array(tokens), np.array(chances), list(after))
        waiting += [s for s in after if s is not END]
    return found


def _from(tree: Tree, start: Any, places: Mapping[str, list[int]], begun: set[str]) -> Any:
    stack = [(start, "", 1.0)]
    while stack:
        state, text, chance = stack.pop()
        law = tree.step(state)
        for piece, after in law:
            grown, prob = text + piece, chance * float(law.prob((piece, after)))
            yield from ((place, prob, after) for place in places.get(grown, ()))
            if after is not END and grown in begun:
                stack.append((after, grown, prob))


def spelled(task: Task, scorer: Scorer, decoding: Decoding) -> Spelled | None:
    """The task's law over tokens, where it can be had exactly; else None.

    Wanted are a bare answer, a tree of single ASCII characters of few states, a BPE tokenizer; and
    that a few drawn token strings are what the tokenizer writes for their texts.
    """
    tree, merges = task.law, Merges.of(getattr(scorer, "tokenizer", None))
    if task.format.kind != "bare" or decoding.prefill or not isinstance(tree, Tree):
        return None
    letters = _letters(tree)
    if not letters or merges is None:
        return None
    names = _names(scorer, letters, merges)
    path = scorer.spell(task.prompt, tree.draw(random.Random(0)), decoding)
    inside = next((i for i, token in enumerate(path) if token not in names), len(path))
    try:
        made = Spelled(tree, names, merges, path[inside:])
        return made if _agrees(made, task, scorer, decoding) else None
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def _letters(tree: Tree) -> set[str] | None:
    """The characters of a tree all of whose pieces are single ASCII letters, digits or signs."""
    seen, waiting, letters = {tree.start}, [tree.start], set[str]()
    while waiting:
        for piece, after in tree.step(waiting.pop()):
            if len(piece) != 1 or not "!" <= piece <= "~":
                return None
            letters.add(piece)
            if after is not END and after not in seen:
                seen.add(after)
                waiting.append(after)
        if len(seen) > STATES:
            return None
    return letters


def _names(scorer: Any, letters: set[str], merges: Merges) -> dict[int, str]:
    """The tokens that can occur, by id: of these letters, and written for their own text."""
    vocabulary = scorer.tokenizer.get_vocab()
    pairs = ((name.removeprefix(SPACE), name, token) for name, token in vocabulary.items())
    able = ((name, token) for text, name, token in pairs if name and set(text) <= letters)
    return {token: name for name, token in able if merges.written(name) == [name]}


def _agrees(made: Spelled, task: Task, scorer: Scorer, decoding: Decoding) -> bool:
    """True where drawn token strings are those that the tokenizer writes, and the other way."""
    rng = random.Random(task.key)
    for _ in range(TRIALS):
        path, _, _ = made.draw(rng)
        if scorer.spell(task.prompt, scorer.text(path).strip(), decoding) != path:
            return False
        written = scorer.spell(task.prompt, task.law.draw(rng), decoding)
        if not _allowed(made, written):
            return False
    return True


def _allowed(made: Spelled, path: tuple[int, ...]) -> bool:
    place = {token: i for i, token in enumerate(made.ids)}
    inside = [place[token] for token in path[: len(path) - len(made.tail)] if token in place]
    complete = len(inside) + len(made.tail) == len(path)
    return complete and all(made.beside[a, b] for a, b in pairwise(inside))
