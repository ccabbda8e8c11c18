"""Which tokens may stand side by side in what a BPE tokenizer writes.

A string of tokens is what the tokenizer would write for its text exactly when each two neighbours
are (Berglund and van der Merwe 2023; Vieira et al. 2025): no merge may cross their boundary. While
two neighbours grow by merges of rising rank, their edges are known: the right spine of the left
one, the left spine of the right one. A crossing merge happens if it comes while both its parts are
edges.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

NEVER = 2**31
Edge = tuple[str, int, int]
"""A part of a token at its edge, the rank of the merge that made it, and of the one that took it
up."""


class Merges:
    """The merges of a BPE tokenizer by rank: {(left, right): rank}."""

    def __init__(self, ranks: dict[tuple[str, str], int]) -> None:
        self.ranks = ranks
        self.made = {left + right: (left, right) for left, right in reversed(list(ranks))}

    @classmethod
    def of(cls, tokenizer: Any) -> Merges | None:
        """Those of a fast tokenizer of the BPE kind, else None."""
        try:
            model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
        except (AttributeError, ValueError, KeyError):
            return None
        if model.get("type") != "BPE" or model.get("ignore_merges"):
            return None
        pairs = (tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in model["merges"])
        return cls({(left, right): rank for rank, (left, right) in enumerate(pairs)})

    def written(self, text: str) -> list[str]:
        """The parts of a text, a character each at first, when all merges are done by rank."""
        parts = list(text)
        while len(parts) > 1:
            ranks = [self.ranks.get(pair, NEVER) for pair in pairwise(parts)]
            at = ranks.index(min(ranks))
            if ranks[at] == NEVER:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts

    def spine(self, token: str, side: int) -> list[Edge]:
        """The edges of a token from the last merge to the first; side 1 is its right edge."""
        edges, end = list[Edge](), NEVER
        while token in self.made:
            pair = self.made[token]
            rank = self.ranks[pair]
            edges.append((token, rank, end))
            token, end = pair[side], rank
        return [*edges, (token, -1, end)]

    def side_by_side(self, left: Sequence[str], right: Sequence[str]) -> npt.NDArray[np.bool_]:
        """(L, R): True where no merge crosses from one token into the other.

        Each token must be one that is `written` for its own text.
        """
        ok = np.ones((len(left), len(right)), dtype=bool)
        ends, starts = self._edges(left, 1), self._edges(right, 0)
        for (first, second), rank in self.ranks.items():
            if first in ends and second in starts:
                a, made_a, taken_a = ends[first]
                b, made_b, taken_b = starts[second]
                meet = np.maximum(made_a[:, None], made_b) < np.minimum(taken_a[:, None], taken_b)
                crossed = meet & (rank < taken_a[:, None]) & (rank <= taken_b)
                ok[np.ix_(a, b)] &= ~crossed
        return ok

    def _edges(self, tokens: Sequence[str], side: int) -> dict[str, Any]:
        found: dict[str, list[tuple[int, int, int]]] = {}
        for number, token in enumerate(tokens):
            for edge, made, taken in self.spine(token, side):
                found.setdefault(edge, []).append((number, made, taken))
        return {edge: tuple(np.array(rows).T) for edge, rows in found.items()}
