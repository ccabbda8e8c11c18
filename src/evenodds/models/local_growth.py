"""Seeded draws that compute each distinct beginning once.

A thousand fresh replies to one prompt share most of their beginnings. Draws with the same tokens so
far are one row: a step runs the model once a row, and every draw takes its own next token from its
row's law. The draws are as independent as drawn one by one, and cost what their distinct beginnings
cost; rows that have ended cost nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from evenodds.models import local_batches
from evenodds.models.base import Decoding
from evenodds.models.local_laws import CELLS, laws
from evenodds.models.local_rows import Passes

TOKENS = 2**15
"""At most so many tokens, the context's included, stand in the cache of one batch of rows."""
_GRAIN = 2**40  # uniform numbers are multiples of 1/_GRAIN: row + number is exact in float64

Path = tuple[int, ...]
Integers = npt.NDArray[np.int64]


@dataclass
class _Front:
    """Distinct paths of one length, the draws that stand at them, and each draw's row.

    `cache` stands behind all tokens of the paths but the last; None: it has to be made.
    """

    paths: list[Path]
    draws: Integers
    rows: Integers
    cache: Any = None


class Growth:
    """`n` draws behind one context, grown a token at a time."""

    def __init__(
        self, passes: Passes, n: int, decoding: Decoding, *, ends: Collection[int], seed: int
    ) -> None:
        self.passes = passes
        self.decoding = decoding
        self.ends = sorted(ends)
        self.seed = seed
        longest = len(passes.prompt.ids) + decoding.max_new_tokens
        self.most = max(1, min(TOKENS // longest, local_batches.CELLS // passes.vocabulary))
        self.drawn: list[Path] = [()] * n

    def paths(self) -> list[Path]:
        """Return the drawn paths, each with its end token if it came to one."""
        n = len(self.drawn)
        waiting = [_Front([()], np.arange(n), np.zeros(n, dtype=np.int64))] if n else []
        while waiting:
            waiting += self._grown(waiting.pop())
        return self.drawn

    def _grown(self, front: _Front) -> list[_Front]:
        """Give each draw of the front its next token; return the fronts of those that go on."""
        logits, cache = self._read(front)
        depth = len(front.paths[0]) + 1
        numbers = _uniform(self.seed, depth, len(self.drawn))[front.draws]
        tokens = chosen(logits, self.decoding, front.rows, numbers)
        size = logits.shape[-1]
        distinct, rows = np.unique(front.rows * size + tokens, return_inverse=True)
        pairs = [divmod(each, size) for each in distinct.tolist()]
        paths = [(*front.paths[parent], token) for parent, token in pairs]
        over = np.isin(distinct % size, self.ends) | (depth >= self.decoding.max_new_tokens)
        for place in np.flatnonzero(over[rows]).tolist():
            self.drawn[front.draws[place]] = paths[rows[place]]
        on = np.flatnonzero(~over)
        parts = [on[start : start + self.most] for start in range(0, len(on), self.most)]
        kept = _selected(cache, distinct[on] // size, len(front.paths)) if len(parts) == 1 else None
        return [_part(front, paths, rows, part, kept) for part in parts]

    def _read(self, front: _Front) -> tuple[torch.Tensor, Any]:
        """Return the next-token logits of the front's paths and the cache behind them."""
        if front.paths[0]:
            return self.passes.onward(front.paths, front.cache)
        return self.passes.root()[None], None


def chosen(
    logits: torch.Tensor, decoding: Decoding, rows: Integers, numbers: npt.NDArray[np.float64]
) -> Integers:
    """Return for each draw the token at which its row's cumulated law passes its uniform number.

    `logits` (R, V) are those of the rows, `rows` and `numbers` (n,) those of the draws.
    """
    tokens = np.zeros(len(rows), dtype=np.int64)
    size = logits.shape[-1]
    step = max(1, CELLS // size)
    for start in range(0, len(logits), step):
        law = laws(logits[start : start + step], decoding).exp().cumsum(-1)
        law /= law[:, -1:].clone()
        law += torch.arange(len(law), device=law.device, dtype=law.dtype)[:, None]
        mine = np.flatnonzero((rows >= start) & (rows < start + step))
        sought = torch.from_numpy(rows[mine] - start + numbers[mine]).to(law.device)
        places = torch.searchsorted(law.flatten(), sought, right=True)
        tokens[mine] = places.cpu().numpy() % size
    return tokens


def _uniform(seed: int, depth: int, n: int) -> npt.NDArray[np.float64]:
    """Return the numbers in [0, 1) that choose the tokens at a depth, one for each draw."""
    numbers = np.random.default_rng([seed % 2**63, depth]).random(n)
    return np.asarray(np.floor(numbers * _GRAIN) / _GRAIN)


def _selected(cache: Any, parents: Integers, rows: int) -> Any:
    """Return the cache with one row for each of `parents`, out of `rows`."""
    if cache is not None and not np.array_equal(parents, np.arange(rows)):
        cache.batch_select_indices(torch.from_numpy(parents))
    return cache


def _part(front: _Front, paths: list[Path], rows: Integers, part: Integers, cache: Any) -> _Front:
    """Return the front of the paths numbered `part`, with their draws."""
    new = np.full(len(paths), -1)
    new[part] = np.arange(len(part))
    here = new[rows] >= 0
    return _Front([paths[i] for i in part], front.draws[here], new[rows[here]], cache)
