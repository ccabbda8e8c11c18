"""Which scoring strategy a model computes correctly: found by comparing numbers, once.

Tree attention is silently wrong where position enters by anything but `position_ids` (ALiBi), where
a layer keeps a recurrent state, and where a sliding window is shorter than the sequence; some
models raise. So a seeded random context with a small branching tree is run by each strategy and
compared with the plain one. A window hurts only beyond its length: the probe is made at a length
past the longest sequence it vouches for (`length_class`), and again when a longer one comes.
"""

from __future__ import annotations

import random
from typing import Any

import torch

from evenodds.errors import ModelError
from evenodds.models.base import PrefixTree
from evenodds.models.local_rows import Passes, Prompt

STRATEGIES = ("tree", "cache")
"""What is tried before the plain one, fastest first."""
MARGIN = 16
"""A probe is so many tokens longer than the longest sequence that it vouches for."""
_BRANCHES = ((0, 1, 2, 3, 4), (0, 1, 5), (0, 6, 2), (7, 1), (7, 8, 4, 2), (9,))


def length_class(length: int) -> int:
    """Return the longest sequence (context and path) a probe for `length` tokens vouches for.

    >>> length_class(10), length_class(64), length_class(65)
    (64, 64, 128)
    """
    return max(64, 1 << (length - 1).bit_length())


def choose(model: Any, longest: int, limit: int | None = None) -> str:
    """Return "tree", "cache" or "plain": the fastest that is right up to `longest` tokens.

    `limit` is the longest sequence the model can take, if it has one. A strategy is right when its
    next-token log-probabilities differ from the plain ones by at most `tolerance`, in a first pass
    and again behind the cached context in smaller chunks.
    """
    context, tree = _case(model, _length(longest, limit))
    plain = _plain(model, context, tree)
    return next(
        (name for name in STRATEGIES if _agrees(model, context, tree, name, plain)), "plain"
    )


def grows(model: Any, longest: int, limit: int | None = None) -> bool:
    """Say whether paths that grow behind a cache, a token at a time, are right up to `longest`."""
    context, tree = _case(model, _length(longest, limit))
    ways = [tree.path(node) for node in range(len(tree)) if tree.depth[node] == 3]
    plain = _plain(model, context, tree)
    try:
        passes, cache = Passes(model, Prompt(context), tree), None
        for depth in range(2, 4):
            logits, cache = passes.onward([way[:depth] for way in ways], cache)
            cache.batch_select_indices(torch.arange(len(ways), device=logits.device))
            right = plain[[tree.add(way[:depth]) for way in ways]]
            if not _difference(_normal(logits), right) <= tolerance(model):
                return False
    except Exception:  # an architecture that cannot: whatever it raises, `generate` serves
        return False
    return True


def tolerance(model: Any) -> float:
    """Return the largest mean difference in nats that rounding explains at the model's dtype."""
    return {torch.float32: 1e-4, torch.float64: 1e-6, torch.float16: 0.02}.get(model.dtype, 0.1)


def _length(longest: int, limit: int | None) -> int:
    length = longest + MARGIN
    return max(1, min(length, limit - 8) if limit is not None else length)


def _case(model: Any, length: int) -> tuple[tuple[int, ...], PrefixTree]:
    rng = random.Random(length)
    vocabulary = range(int(model.config.get_text_config().vocab_size))
    tree, tokens = PrefixTree(), [rng.choice(vocabulary) for _ in range(10)]
    for branch in _BRANCHES:
        tree.add([tokens[i] for i in branch])
    return tuple(rng.choice(vocabulary) for _ in range(length)), tree


def _plain(model: Any, context: tuple[int, ...], tree: PrefixTree) -> torch.Tensor:
    """Return the plain laws; `ModelError` where they are none, as of damaged weights."""
    laws = _laws(Passes(model, Prompt(context), tree), "plain")
    if torch.isnan(laws).any():
        raise ModelError(
            "This model's next-token probabilities are no numbers (NaN): its weights are damaged, "
            "or do not fit its dtype; load them anew, or give --dtype float32."
        )
    return laws


def _agrees(
    model: Any, context: tuple[int, ...], tree: PrefixTree, name: str, plain: torch.Tensor
) -> bool:
    """Say whether a strategy gives the plain laws, fresh and behind its own cached context."""
    try:
        passes = Passes(model, Prompt(context), tree)
        fresh = _laws(passes, name)
        again = _laws(Passes(model, passes.prompt, tree, nodes=3), name)
    except Exception:  # an architecture that cannot: whatever it raises, another strategy serves
        return False
    return all(_difference(laws, plain) <= tolerance(model) for laws in (fresh, again))


def _difference(laws: torch.Tensor, plain: torch.Tensor) -> float:
    """Return the largest difference in fp32 and finer, the largest row mean in coarser dtypes."""
    apart = (laws - plain).abs()
    if not bool(torch.isfinite(apart).all()):
        return float("inf")
    return float(apart.max() if laws.dtype == torch.float64 else apart.mean(dim=-1).max())


def _laws(passes: Passes, strategy: str) -> torch.Tensor:
    """Return the next-token log-probabilities (nodes, V) of all nodes, in node order."""
    nodes, blocks = [], []
    for block, logits in passes.rows(strategy, range(len(passes.tree))):
        nodes += block
        blocks.append(_normal(logits))
    order = sorted(range(len(nodes)), key=nodes.__getitem__)
    return torch.cat(blocks)[order]


def _normal(logits: torch.Tensor) -> torch.Tensor:
    fine = logits.dtype in (torch.float32, torch.float64)
    return torch.log_softmax(logits.double() if fine else logits.float(), dim=-1)
