"""Preference pairs of one prompt, from exact probabilities: too seldom against too often."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import exp, nextafter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from evenodds.models.base import PrefixTree, path_logprobs
from evenodds.train.rows import ROOT, Row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

Tokens = tuple[int, ...]
Laws = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """What may follow a prompt: its tokens, and their log-probability under the model (nats)."""

    tokens: Tokens
    logp: float


@dataclass(frozen=True)
class Pair:
    """A preferred and a rejected continuation of a context."""

    context: Tokens
    chosen: Said
    rejected: Said

    def columns(self) -> dict[str, Any]:
        """The pair as TRL's collator reads it."""
        return {
            "prompt_ids": list(self.context),
            "chosen_ids": list(self.chosen.tokens),
            "rejected_ids": list(self.rejected.tokens),
            "ref_chosen_logps": self.chosen.logp,
            "ref_rejected_logps": self.rejected.logp,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Pair:
        """The pair whose fields (`dataclasses.asdict`) were written as JSON."""
        said = (record[name] for name in ("chosen", "rejected"))
        return cls(tuple(record["context"]), *(Said(tuple(s["tokens"]), s["logp"]) for s in said))


class Pairing(Protocol):
    """Pairs of one prompt. `tv` is what they have to move, between 0 and 1."""

    tv: float

    def pair(self, place: float, rng: random.Random) -> Pair:
        """The pair at `place` in [0, 1): uniform places give pairs of the right law."""
        ...


class Listed:
    """Pairs of a prompt whose answers are laid out as a row (its whole trie).

    `laws[i]` are the model's log-probabilities (V,) at the i-th of the row's nodes, in the order in
    which its edges name them. `tv` is the total variation between the fair law and the model's,
    all that is not in the trie counted as invalid.
    """

    def __init__(self, row: Row, laws: Laws) -> None:
        self.context = row.context
        nodes = dict.fromkeys(node for node, _, _ in row.edges)
        self.laws = dict(zip(nodes, laws, strict=True))
        self.said = {ROOT: Said((), 0.0)}
        for node, (token, parent) in enumerate(zip(row.tokens, row.parents, strict=True)):
            self.said[node] = self._on(parent, token)
        self.below: dict[int, list[int]] = {node: [] for node in nodes}
        for node, token, _ in row.edges:
            self.below[node].append(token)
        self._part(row)

    def _part(self, row: Row) -> None:
        """Sort all that the model may say into what it says too seldom and too often."""
        inner = set(zip(row.parents, row.tokens, strict=True))
        ends = [(n, t, q) for n, t, q in row.edges if (n, t) not in inner]
        answers = [(self._on(node, token), fair) for node, token, fair in ends]
        gaps = [(said, fair - exp(said.logp)) for said, fair in answers]
        self.first = answers[0][0]
        self.seldom = [(said, gap) for said, gap in gaps if gap > 0]
        self.often: list[tuple[Said | int, float]] = [(s, -gap) for s, gap in gaps if gap < 0]
        self.often += [(node, mass) for node in self.below if (mass := self._stray(node)) > 0]
        self.tv = sum(gap for _, gap in self.seldom) if self.often else 0.0

    def _on(self, node: int, token: int) -> Said:
        before = self.said[node]
        return Said((*before.tokens, token), before.logp + float(self.laws[node][token]))

    def _stray(self, node: int) -> float:
        """The probability to come to a node and leave the trie there."""
        inside = float(np.exp(self.laws[node][self.below[node]]).sum())
        return exp(self.said[node].logp) * max(0.0, 1 - inside)

    def pair(self, place: float, rng: random.Random) -> Pair:
        """A pair; of an answer with itself where nothing is left to move."""
        if not self.tv:
            return Pair(self.context, self.first, self.first)
        often = _at([gap for _, gap in self.often], place)
        seldom = _at([gap for _, gap in self.seldom], place)
        rejected = self.often[often][0]
        if isinstance(rejected, int):
            rejected = self._on(rejected, self._astray(rejected, rng))
        return Pair(self.context, self.seldom[seldom][0], rejected)

    def _astray(self, node: int, rng: random.Random) -> int:
        """A token that leaves the trie at a node, by the model's own law."""
        law = np.exp(self.laws[node])
        law[self.below[node]] = 0.0
        total = np.cumsum(law)
        return int(np.searchsorted(total, rng.random() * total[-1], side="right"))


class Drawn:
    """Pairs of a prompt with too many answers to list: a fair draw against the model's own.

    Both laws overlap so little that nearly every pair differs, so `tv` is taken as 1.
    """

    tv = 1.0

    def __init__(self, task: Task, context: Tokens, scorer: Scorer, decoding: Decoding) -> None:
        self.task, self.context, self.scorer = task, context, scorer
        self.decoding = replace(decoding, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0)

    def pair(self, place: float, rng: random.Random) -> Pair:
        """A fresh pair, whatever the place."""
        fair = self.task.format.spellings(self.task.law.draw(rng))[0]
        text = fair.removeprefix(self.decoding.prefill)
        chosen = self.scorer.spell(self.task.prompt, text, self.decoding)
        seed = rng.getrandbits(32)
        rejected = self.scorer.paths(self.context, 1, self.decoding, seed)[0]
        return Pair(self.context, *self._said(chosen, rejected))

    def _said(self, *paths: Tokens) -> list[Said]:
        tree = PrefixTree()
        nodes = [tree.add(path) for path in paths]
        walk = self.scorer.walk(self.context, tree, self.decoding)
        total = path_logprobs(tree, walk.logprob)
        return [Said(p, float(total[node])) for p, node in zip(paths, nodes, strict=True)]


def allotted(weights: Sequence[float], count: int, start: float) -> Iterator[tuple[int, float]]:
    """`count` systematic places over things of these weights: (thing, place within it).

    `start` in [0, 1) moves them all; over a uniform start thing i gets count w_i / sum w places in
    the mean, and never differs from that by 1 or more (Madow 1949). All weights 0: the first.
    """
    total = sum(weights)
    sums = list(accumulate(weights, initial=0.0))
    for number in range(count):
        at = min((number + start) / count * total, nextafter(total, 0))
        thing = min(bisect_right(sums, at), len(weights)) - 1
        yield (thing, min((at - sums[thing]) / weights[thing], _BELOW_ONE)) if total else (0, 0.0)


_BELOW_ONE = 1 - 2**-53


def _at(weights: Sequence[float], place: float) -> int:
    """The inverse of the distribution function of `weights` at `place` in [0, 1)."""
    sums = list(accumulate(weights))
    return min(bisect_right(sums, place * sums[-1]), len(weights) - 1)
