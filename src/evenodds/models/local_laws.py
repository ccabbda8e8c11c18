"""From blocks of logits to a `Walk`: the decoding transform, and what is picked out of each law."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import torch

from evenodds.models.base import Decoding, PrefixTree, Walk
from evenodds.models.decoding import transform

CELLS = 2**21  # next-token probabilities in float64 that are handled at once (16 MB)


class Reader:
    """Fills a walk over `tree` from next-token logits, under `decoding`.

    `wanted` maps nodes to how many next tokens to list; `ends` are the end-of-turn tokens. Nodes
    that never get logits keep -inf below them, an empty list and a NaN.
    """

    def __init__(
        self,
        tree: PrefixTree,
        decoding: Decoding,
        wanted: Mapping[int, int],
        ends: Collection[int],
    ) -> None:
        self.tree = tree
        self.decoding = decoding
        self.wanted = wanted
        self.ends = sorted(ends)
        size = len(tree)
        self.walk = Walk(np.full(size, -math.inf), {n: [] for n in wanted}, np.full(size, np.nan))
        self.walk.logprob[0] = 0.0

    def read(self, nodes: Sequence[int], logits: torch.Tensor) -> None:
        """Take in the logits (len(nodes), V) of some nodes, a bounded slice at a time."""
        step = max(1, CELLS // logits.shape[-1])
        for start in range(0, len(nodes), step):
            some = slice(start, start + step)
            self._read(nodes[some], laws(logits[some], self.decoding))

    def _read(self, nodes: Sequence[int], law: torch.Tensor) -> None:
        self.walk.stop[nodes] = torch.logsumexp(law[:, self.ends], dim=-1).cpu().numpy()
        below = [
            (row, token, child)
            for row, node in enumerate(nodes)
            for token, child in self.tree.children(node).items()
        ]
        if below:
            rows, tokens, children = map(list, zip(*below, strict=True))
            self.walk.logprob[children] = law[rows, tokens].cpu().numpy()
        for count, rows in self._asked(nodes).items():
            for row, found in zip(rows, likeliest(law[rows], count), strict=True):
                self.walk.next[nodes[row]] = found

    def _asked(self, nodes: Sequence[int]) -> dict[int, list[int]]:
        """Return {how many next tokens: rows that want so many}."""
        asked: dict[int, list[int]] = {}
        for row, node in enumerate(nodes):
            if node in self.wanted:
                asked.setdefault(self.wanted[node], []).append(row)
        return asked


def laws(logits: torch.Tensor, decoding: Decoding) -> torch.Tensor:
    """Return the log-probabilities (n, V) in float64 that are drawn from under `decoding`."""
    if decoding.is_plain:
        return torch.log_softmax(logits.double(), dim=-1)
    return torch.from_numpy(transform(logits.float().cpu().numpy(), decoding))


def likeliest(law: torch.Tensor, count: int) -> list[list[tuple[int, float]]]:
    """Return the `count` likeliest (token, logprob) of each law (n, V), without impossible ones."""
    values, tokens = law.topk(min(count, law.shape[-1]), dim=-1)
    rows = zip(tokens.tolist(), values.tolist(), strict=True)
    return [
        [pair for pair in zip(row, logprobs, strict=True) if pair[1] > -math.inf]
        for row, logprobs in rows
    ]
