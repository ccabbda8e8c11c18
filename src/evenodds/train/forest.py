"""Answer trees of many prompts, laid out once and asked for again and again, in few passes.

A probe looks at the same prompts all through a run. One walk a prompt would spend most of its time
on the overhead of a pass; here prompts share passes, as the rows of a training step do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from evenodds.models.base import Decoding, PrefixTree, path_logprobs
from evenodds.models.local_batches import CELLS, TOKENS
from evenodds.models.local_laws import laws
from evenodds.train.collate import Layout, Tensors, collate
from evenodds.train.forward import Forward
from evenodds.train.rows import ROOT, Row

if TYPE_CHECKING:
    from evenodds.models.local import Local

Floats = np.ndarray[Any, np.dtype[np.float64]]
Asked = tuple[Sequence[int], PrefixTree]
"""The ids of a prompt and the tree of token paths that may answer it."""


class Forest:
    """The trees of `asked`, scored by `local` under `decoding` whenever `logprobs` is called.

    A pass gives at most `local_batches.CELLS` logits; a tree that needs more, or is longer than the
    model takes, is left to `Local.walk`.
    """

    def __init__(self, local: Local, asked: Sequence[Asked], decoding: Decoding) -> None:
        self.local, self.asked, self.decoding = local, list(asked), decoding
        self.forward = Forward(local.model)
        rows = [_row(context, tree) for context, tree in self.asked]
        alone = [self._is_alone(row) for row in rows]
        self.alone = [i for i, by_itself in enumerate(alone) if by_itself]
        shared = sorted((i for i in range(len(rows)) if not alone[i]), key=lambda i: len(rows[i]))
        self.batches = [(some, self._laid(rows, some)) for some in self._cut(rows, shared)]

    def logprobs(self) -> list[Floats]:
        """For each tree the natural log-probability of the path to each of its nodes (root: 0)."""
        steps: list[Floats] = [np.zeros(len(tree)) for _, tree in self.asked]
        for which, batch in self.batches:
            found, start = self._edges(batch), 0
            for i in which:
                edges = len(steps[i]) - 1
                steps[i][1:] = found[start : start + edges]
                start += edges
        for i in self.alone:
            context, tree = self.asked[i]
            steps[i] = self.local.walk(context, tree, self.decoding).logprob
        return [path_logprobs(tree, s) for (_, tree), s in zip(self.asked, steps, strict=True)]

    def _edges(self, batch: Tensors) -> Floats:
        """Log-probabilities of the batch's next tokens, in the order of its rows' edges."""
        device = self.local.model.device
        batch = {name: value.to(device) for name, value in batch.items()}
        with torch.no_grad():
            law = self.forward.logprobs(self.local.model, batch)
        law = law if self.decoding.is_plain else laws(law, self.decoding)
        found: Floats = law[batch["node"], batch["token"]].double().cpu().numpy()
        return found

    def _laid(self, rows: Sequence[Row], which: Sequence[int]) -> Tensors:
        chosen = [rows[i] for i in which]
        longest = max(len(row) for row in chosen)
        tree = self.local.strategy_for(2 * longest) == "tree"
        layout: Layout = "tree" if tree else "paths"
        return collate(chosen, layout)

    def _is_alone(self, row: Row) -> bool:
        limit = self.local.limit
        return self._cells(row) > CELLS or (limit is not None and len(row) > limit)

    def _cells(self, row: Row) -> int:
        return (1 + len(row.tokens)) * int(self.local.model.config.get_text_config().vocab_size)

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
