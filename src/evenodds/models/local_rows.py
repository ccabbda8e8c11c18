"""Next-token logits at the nodes of a prefix tree, by three strategies of one forward pass each.

- `tree`: all paths in one sequence behind the context; a 4-D additive mask lets a token see the
  context and its own ancestors, and `position_ids` give it the place it has in its path. Every
  shared prefix is computed once.
- `cache`: the context once; then right-padded paths in batches behind its repeated cache.
- `plain`: right-padded rows of context and path: the reference, which every architecture answers
  right.

Which of them a model computes correctly is found by comparing numbers (`local_probe`), never by its
name. Memory: a pass returns at most `local_batches.CELLS` logits (64 MB in fp32) unless one row
alone holds more, and a tree pass holds at most `NODES` tokens beside the context.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from evenodds.models import local_batches
from evenodds.models.base import PrefixTree
from evenodds.models.local_batches import batches

NODES = 512
"""At most so many nodes go into one tree pass; the mask has this many rows."""

Rows = Iterator[tuple[list[int], torch.Tensor]]
"""Nodes and their next-token logits (len(nodes), V), a block at a time."""


@dataclass(frozen=True)
class Prompt:
    """A context and, once computed, its key-value cache with the logits of its last token (V)."""

    ids: tuple[int, ...]
    cache: Any = None
    logits: torch.Tensor | None = None


class Passes:
    """Forward passes of one model over one context and a tree.

    `prompt` may bring the cache of an earlier walk over the same context and leaves with the
    cache that this walk has made.
    """

    def __init__(self, model: Any, prompt: Prompt, tree: PrefixTree, nodes: int = NODES) -> None:
        self.model = model
        self.prompt = prompt
        self.tree = tree
        self.vocabulary = int(model.config.get_text_config().vocab_size)
        self.nodes = min(nodes, max(1, local_batches.CELLS // self.vocabulary))

    def rows(self, strategy: str, nodes: Sequence[int]) -> Rows:
        """Yield the logits of `nodes` by a strategy's name."""
        strategies: dict[str, Callable[[Sequence[int]], Rows]] = {
            "tree": self.by_tree,
            "cache": self.by_cache,
            "plain": self.by_plain,
        }
        return strategies[strategy](nodes)

    def by_plain(self, nodes: Sequence[int]) -> Rows:
        """Yield logits from right-padded rows of context and path."""
        size = len(self.prompt.ids)
        for paths, cover in batches(self.tree, nodes, size, self.vocabulary):
            longest = max(map(len, paths))
            ids, mask = self._padded([self.prompt.ids + path for path in paths])
            keep = torch.arange(size - 1, size + longest, device=self.model.device)
            logits = self._forward(ids, keep, attention_mask=mask, use_cache=False).logits
            yield _picked(logits, cover)

    def by_cache(self, nodes: Sequence[int]) -> Rows:
        """Yield logits from batches of padded paths behind the cached context."""
        root = self.root()
        if 0 in nodes:
            yield [0], root[None]
        size = len(self.prompt.ids)
        below = [node for node in nodes if node]
        for paths, cover in batches(self.tree, below, 0, self.vocabulary):
            ids, mask = self._padded(paths)
            before = torch.ones(len(paths), size, dtype=mask.dtype, device=mask.device)
            cache = _copied(self.prompt.cache)
            cache.batch_repeat_interleave(len(paths))
            keep = torch.arange(ids.shape[1], device=ids.device)
            mask = torch.cat([before, mask], dim=1)
            out = self._forward(ids, keep, attention_mask=mask, past_key_values=cache)
            yield _picked(out.logits, [(node, row, depth - 1) for node, row, depth in cover])

    def by_tree(self, nodes: Sequence[int]) -> Rows:
        """Yield logits from passes over context and many paths at once."""
        below = [node for node in nodes if node]
        if len(below) > self.nodes:
            below = sorted(below, key=self.tree.path)
        chunks = [below[i : i + self.nodes] for i in range(0, len(below), self.nodes)] or [[]]
        for place, chunk in enumerate(chunks):
            wanted = [0, *chunk] if place == 0 and 0 in nodes else chunk
            if self.prompt.cache is not None and self.prompt.logits is not None:
                if 0 in wanted:
                    yield [0], self.prompt.logits[None]
                if chunk:
                    yield chunk, self._branches(chunk)
            else:
                yield wanted, self._context_and_branches(chunk)[0 if 0 in wanted else 1 :]

    def root(self) -> torch.Tensor:
        """Return the logits of the context's last token (V); compute its cache where missing."""
        if self.prompt.cache is None or self.prompt.logits is None:
            ids = torch.tensor([self.prompt.ids], device=self.model.device)
            keep = torch.tensor([ids.shape[1] - 1], device=ids.device)
            out = self._forward(ids, keep, use_cache=True)
            self.prompt = Prompt(self.prompt.ids, out.past_key_values, out.logits[0, 0].clone())
        assert self.prompt.logits is not None
        return self.prompt.logits

    def onward(self, paths: Sequence[Sequence[int]], cache: Any = None) -> tuple[torch.Tensor, Any]:
        """Return the logits (len(paths), V) behind equally long paths, and the cache behind them.

        `cache` stands behind all tokens of the paths but the last and grows by that one; without
        one, whole paths are put behind the context.
        """
        if cache is None:
            self.root()
            cache = _copied(self.prompt.cache)
            cache.batch_repeat_interleave(len(paths))
            ids = torch.tensor([list(path) for path in paths], device=self.model.device)
        else:
            ids = torch.tensor([[path[-1]] for path in paths], device=self.model.device)
        length = len(self.prompt.ids) + len(paths[0])
        mask = torch.ones(len(paths), length, dtype=torch.long, device=ids.device)
        keep = torch.tensor([ids.shape[1] - 1], device=ids.device)
        out = self._forward(ids, keep, attention_mask=mask, past_key_values=cache, use_cache=True)
        return out.logits[:, 0], out.past_key_values

    def _context_and_branches(self, wanted: Sequence[int]) -> torch.Tensor:
        """Return the logits of the root and of `wanted`, and keep the context's cache."""
        inside = self._closure(wanted)
        size = len(self.prompt.ids)
        ids = [*self.prompt.ids, *(self.tree.token[node] for node in inside)]
        places = {0: size - 1, **{node: size + i for i, node in enumerate(inside)}}
        keep = [places[node] for node in (0, *wanted)]
        positions = [*range(size), *(size + self.tree.depth[node] - 1 for node in inside)]
        out = self._tree_forward(ids, keep, positions, self._mask(inside, with_context=True))
        logits: torch.Tensor = out.logits[0]
        cache = out.past_key_values
        if inside:
            cache.crop(-len(inside))
        self.prompt = Prompt(self.prompt.ids, cache, logits[0].clone())
        return logits

    def _branches(self, wanted: Sequence[int]) -> torch.Tensor:
        """Return the logits of `wanted`, computed behind the cached context."""
        inside = self._closure(wanted)
        size = len(self.prompt.ids)
        ids = [self.tree.token[node] for node in inside]
        places = {node: i for i, node in enumerate(inside)}
        positions = [size + self.tree.depth[node] - 1 for node in inside]
        cache = _copied(self.prompt.cache)
        mask = self._mask(inside, with_context=False)
        keep = [places[node] for node in wanted]
        logits: torch.Tensor = self._tree_forward(ids, keep, positions, mask, cache).logits[0]
        return logits

    def _tree_forward(
        self,
        ids: Sequence[int],
        keep: Sequence[int],
        positions: Sequence[int],
        mask: torch.Tensor,
        cache: Any = None,
    ) -> Any:
        device = self.model.device
        return self._forward(
            torch.tensor([ids], device=device),
            torch.tensor(keep, device=device),
            attention_mask=mask,
            position_ids=torch.tensor([positions], device=device),
            past_key_values=cache,
            use_cache=True,
        )

    def _closure(self, wanted: Sequence[int]) -> list[int]:
        """Return `wanted` and all their ancestors but the root, parents first."""
        inside: set[int] = set()
        for start in wanted:
            node = start
            while node and node not in inside:
                inside.add(node)
                node = self.tree.parent[node]
        return sorted(inside)

    def _mask(self, inside: Sequence[int], *, with_context: bool) -> torch.Tensor:
        """Return the additive mask (1, 1, queries, context + nodes): 0 where a token may look."""
        size, count = len(self.prompt.ids), len(inside)
        place = {node: i for i, node in enumerate(inside)}
        seen = torch.zeros(count, size + count, dtype=torch.bool)
        seen[:, :size] = True
        rows = seen.numpy()
        for i, node in enumerate(inside):
            parent = self.tree.parent[node]
            if parent:
                rows[i, size:] = rows[place[parent], size:]
            rows[i, size + i] = True
        if with_context:
            causal = torch.ones(size, size + count, dtype=torch.bool).tril()
            seen = torch.cat([causal, seen])
        dtype = self.model.dtype
        mask = torch.zeros(seen.shape, dtype=dtype).masked_fill_(~seen, torch.finfo(dtype).min)
        return mask[None, None].to(self.model.device)

    def _forward(self, ids: torch.Tensor, keep: torch.Tensor, **inputs: Any) -> Any:
        """Run the model; only the positions `keep` are projected, where its forward can do that."""
        forward = self.model.forward
        trims = _trims(getattr(forward, "__func__", forward))
        if trims:
            inputs["logits_to_keep"] = keep
        with torch.no_grad():
            out = self.model(input_ids=ids, **inputs)
        if not trims:
            out.logits = out.logits[:, keep]
        return out

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        return ids.to(self.model.device), mask.to(self.model.device)


@cache
def _trims(forward: Callable[..., Any]) -> bool:
    """Say whether a forward projects only the positions it is told to."""
    return "logits_to_keep" in inspect.signature(forward).parameters


def _picked(
    logits: torch.Tensor, cover: Sequence[tuple[int, int, int]]
) -> tuple[list[int], torch.Tensor]:
    nodes, rows, places = zip(*cover, strict=True)
    return list(nodes), logits[list(rows), list(places)]


def _copied(cache: Any) -> Any:
    """Return a cache that can grow without changing the given one; the tensors are shared."""
    twin = copy.copy(cache)
    twin.layers = [copy.copy(layer) for layer in cache.layers]
    return twin
