"""Answer trees of many prompts, laid out once and asked for again and again, in few passes.

A probe looks at the same prompts all through a run. One walk a prompt would spend most of its time
on the overhead of a pass; here prompts share passes, as the rows of a training step do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from evenodds.models.base import Decoding, PrefixTree, Scorer, path_logprobs
from evenodds.models.local import Local
from evenodds.models.local_batches import CELLS, TOKENS
from evenodds.models.local_laws import laws
from evenodds.train.collate import Layout, Tensors, collate
from evenodds.train.forward import Forward
from evenodds.train.rows import ROOT, Row

Floats = np.ndarray[Any, np.dtype[np.float64]]
Asked = tuple[Sequence[int], PrefixTree]
"""The ids of a prompt and the tree of token paths that may answer it."""


class Forest:
    """The trees of `asked`, scored by `scorer` under `decoding` whenever `logprobs` is called.

    A pass gives at most `local_batches.CELLS` logits; a tree that needs more, or is longer than the
    model takes, is left to `Scorer.walk`, and so are all trees of a scorer that is no `Local`.
    """

    def __init__(self, scorer: Scorer, asked: Sequence[Asked], decoding: Decoding) -> None:
        self.scorer, self.asked, self.decoding = scorer, list(asked), decoding
        self.shared = Shared(scorer, decoding) if isinstance(scorer, Local) else None
        rows = [_row(context, tree) for context, tree in self.asked]
        self.batches = self.shared.laid(rows) if self.shared else []
        known = {i for lot, _ in self.batches for i in lot}
        self.alone = [i for i in range(len(rows)) if i not in known]

    def logprobs(self) -> list[Floats]:
        """For each tree the natural log-probability of the path to each of its nodes (root: 0)."""
        steps: list[Floats] = [np.zeros(len(tree)) for _, tree in self.asked]
        for lot, batch in self.batches:
            assert self.shared is not None
            found, start = self.shared.edges(batch), 0
            for i in lot:
                edges = len(steps[i]) - 1
                steps[i][1:] = found[start : start + edges]
                start += edges
        for i in self.alone:
            context, tree = self.asked[i]
            steps[i] = self.scorer.walk(context, tree, self.decoding).logprob
        return [path_logprobs(tree, s) for (_, tree), s in zip(self.asked, steps, strict=True)]


class Shared:
    """Passes of one model that several rows share."""

    def __init__(self, local: Local, decoding: Decoding) -> None:
        self.local, self.decoding = local, decoding
        self.forward = Forward(local.model)
        self.vocabulary = int(local.model.config.get_text_config().vocab_size)

    def laid(self, rows: Sequence[Row]) -> list[tuple[list[int], Tensors]]:
        """The numbers of the rows of each pass, with its batch; rows too large for one are left."""
        fitting = [i for i, row in enumerate(rows) if self._fits(row)]
        lots = self._cut(rows, sorted(fitting, key=lambda i: len(rows[i])))
        return [(lot, self._batch([rows[i] for i in lot])) for lot in lots]

    def edges(self, batch: Tensors) -> Floats:
        """Log-probabilities of the batch's next tokens, in the order of its rows' edges."""
        batch = {name: value.to(self.local.model.device) for name, value in batch.items()}
        with torch.no_grad():
            law = self.forward.logprobs(self.local.model, batch)
        law = law if self.decoding.is_plain else laws(law, self.decoding)
        found: Floats = law[batch["node"], batch["token"]].double().cpu().numpy()
        return found

    def _batch(self, rows: Sequence[Row]) -> Tensors:
        longest = max(len(row) for row in rows)
        layout: Layout = "tree" if self.local.strategy_for(2 * longest) == "tree" else "paths"
        return collate(rows, layout)

    def _fits(self, row: Row) -> bool:
        limit = self.local.limit
        return self._cells(row) <= CELLS and (limit is None or len(row) <= limit)

    def _cells(self, row: Row) -> int:
        return (1 + len(row.tokens)) * self.vocabulary

    def _cut(self, rows: Sequence[Row], which: Sequence[int]) -> Iterator[list[int]]:
        """Rows of like length together, each lot small enough for one pass."""
        lot: list[int] = []
        for i in which:
            cells = sum(self._cells(rows[j]) for j in lot) + self._cells(rows[i])
            if lot and (cells > CELLS or (len(lot) + 1) * len(rows[i]) > TOKENS):
                yield lot
                lot = []
            lot.append(i)
        if lot:
            yield lot


def _row(context: Sequence[int], tree: PrefixTree) -> Row:
    """A row that feeds the inner nodes of `tree` and asks for each of its other nodes, in order."""
    fed = {node: place for place, node in enumerate(n for n in sorted(tree.inner()) if n)}
    fed[0] = ROOT
    inner = [node for node in fed if node]
    return Row(
        tuple(context),
        tuple(tree.token[node] for node in inner),
        tuple(fed[tree.parent[node]] for node in inner),
        tuple((fed[tree.parent[n]], tree.token[n], 1.0) for n in range(1, len(tree))),
        0.0,
    )
