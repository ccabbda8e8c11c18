"""The path loss: a task with too many outcomes to list, taught by one drawn outcome at each step.

A `Tree` says the exact law of every next piece of text. Where the pieces that may come next have
token spellings of their own, the token's law is the exact conditional, summed over the pieces that
agree with the tokens so far; so it is in texts of single letters, whatever tokens straddle them
(`spelled.py`). Elsewhere the drawn token is supervised one-hot, as plain SFT would. Either way the
mean over draws is the cross-entropy of whole answers; exact laws take noise out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from evenodds.distributions import Pmf
from evenodds.distributions.tree import END, Choice, Tree
from evenodds.train.letters import by_letters
from evenodds.train.rows import Row, blended, one_hot, path_row
from evenodds.train.spelled import spelled

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

Tokens = tuple[int, ...]
Laws = list[dict[int, float]]
Known = dict[tuple[str, str, str | None], Tokens]
"""How pieces are spelled: (what stands before, piece, what closes the reply after it) -> tokens."""


class PathLesson:
    """Draws an outcome, spells it, and supervises each token with the sharpest law at hand.

    Lessons of one scorer and decoding may share `known`: most pieces recur from task to task.
    """

    def __init__(
        self,
        task: Task,
        context: Callable[[random.Random, float], Tokens],
        scorer: Scorer,
        decoding: Decoding,
        *,
        sampled: float = 0.0,
        known: Known | None = None,
    ) -> None:
        self.task, self.context, self.sampled = task, context, sampled
        self.scorer, self.decoding = scorer, decoding
        self.known: Known = {} if known is None else known
        self.law = by_letters(task.law)
        self.spelled = spelled(task, scorer, decoding)

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """One path after a freshly drawn prompt."""
        context = self.context(rng, noise)
        if self.spelled:
            path, laws, entropy = self.spelled.draw(rng)
            row = replace(path_row(context, path, laws), entropy=entropy)
        else:
            path, laws = self._drawn(rng)
            row = path_row(context, path, laws)
        return blended(row, path, self.sampled) if self.sampled else row

    def _drawn(self, rng: random.Random) -> tuple[Tokens, Laws]:
        steps = _drawn(self.law, rng)
        text = "".join(choice[0] for _, _, choice in steps)
        reply = self.task.format.spellings(text)[0].removeprefix(self.decoding.prefill)
        path = self._spell(reply)
        laws: Laws = one_hot(path)
        start = reply.find(text)
        frame = reply[:start], reply[start + len(text) :]
        if start >= 0:
            self._sharpen(laws, path, steps, frame)
        return path, laws

    def _sharpen(
        self,
        laws: Laws,
        path: Tokens,
        steps: Sequence[tuple[str, Any, Choice]],
        frame: tuple[str, str],
    ) -> None:
        """Replace one-hot laws by exact conditionals, choice by choice.

        White space at a piece's end is moved to the next piece's start, for tokens carry it there.
        """
        boundary = self._boundaries(path)
        for prefix, pieces, chosen in steps:
            before = frame[0] + prefix
            at = boundary.get(before.rstrip())
            if pieces is None or at is None or len(pieces) < 2:
                continue
            spelled = [
                (self._tokens(before, choice, frame[1]), float(pieces.prob(choice)))
                for choice in pieces
            ]
            refine(laws, path, at, spelled, self._tokens(before, chosen, frame[1]))

    def _boundaries(self, path: Tokens) -> dict[str, int]:
        """The texts that stand at token boundaries, without white space around: text -> tokens."""
        texts = (self.scorer.text(path[:i]).strip() for i in range(len(path)))
        return {text: i for i, text in reversed(list(enumerate(texts)))}

    def _tokens(self, before: str, choice: Choice, after: str) -> Tokens:
        """Tokens of a piece behind `before`; at the answer's end what closes the reply as well.

        They are taken to depend on the last characters of `before` alone. () where no token
        boundary falls before the piece.
        """
        ends = choice[1] is END
        key = (before[-2:], choice[0], after if ends else None)
        if key not in self.known:
            self.known[key] = self._cut(before, choice[0] + after if ends else choice[0], ends)
        return self.known[key]

    def _cut(self, before: str, piece: str, ends: bool) -> Tokens:
        path = self._spell((before + piece).rstrip())
        whole = path if ends else path[:-1]
        cut = self._boundaries(path).get(before.rstrip())
        return () if cut is None else whole[cut:]

    def _spell(self, reply: str) -> Tokens:
        return self.scorer.spell(self.task.prompt, reply, self.decoding)


def _drawn(law: Tree, rng: random.Random) -> list[tuple[str, Pmf[Choice], Choice]]:
    """A drawn path: text so far, law of the next piece, piece.

    The path is drawn, not found for a drawn text: where several paths spell one text, each is then
    met as often as it should be.
    """
    steps: list[tuple[str, Pmf[Choice], Choice]] = []
    prefix, state = "", law.start
    while state is not END:
        choices = law.step(state)
        chosen = choices.draw(rng)
        steps.append((prefix, choices, chosen))
        prefix, state = prefix + chosen[0], chosen[1]
    return steps


def refine(
    laws: Laws,
    path: Sequence[int],
    at: int,
    spelled: Sequence[tuple[Tokens, float]],
    chosen: Tokens,
) -> None:
    """Along the chosen piece's tokens, the law of the next token given the ones before it.

    Left one-hot when some alternative has no tokens of its own, when one alternative's tokens begin
    another's (what follows would then depend on what comes after the piece), or when the path does
    not spell the chosen piece with its own tokens.
    """
    own = tuple(path[at : at + len(chosen)]) == chosen
    if not own or not _prefix_free([tokens for tokens, _ in spelled]):
        return
    for i in range(len(chosen)):
        law: dict[int, float] = {}
        for tokens, prob in spelled:
            if tokens[:i] == chosen[:i]:
                law[tokens[i]] = law.get(tokens[i], 0.0) + prob
        total = sum(law.values())
        laws[at + i] = {token: prob / total for token, prob in law.items()}


def _prefix_free(options: Sequence[Tokens]) -> bool:
    """True when no option is empty and none begins another (equal ones count once)."""
    distinct = sorted(set(options))
    return all(distinct) and all(b[: len(a)] != a for a, b in pairwise(distinct))
