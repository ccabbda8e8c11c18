"""Covering the nodes of a prefix tree by few padded paths, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evenodds.models.base import PrefixTree

CELLS = 2**24
"""At most so many logits come out of one pass."""
TOKENS = 2**14
"""At most so many tokens go into one padded batch."""

Batch = tuple[list[tuple[int, ...]], list[tuple[int, int, int]]]
"""Paths, and for each covered node (node, row of its path, its depth)."""


def batches(
    tree: PrefixTree, nodes: Sequence[int], before: int, vocabulary: int
) -> Iterator[Batch]:
    """Yield batches of paths that cover `nodes`, each node on one path.

    Paths come shortest first, so that little is padding. `before` tokens stand before each path,
    and each of its positions gives `vocabulary` logits.
    """
    rows = sorted(cover(tree, nodes), key=lambda row: tree.depth[row[0]])
    while rows:
        count = _fitting([tree.depth[last] + 1 for last, _ in rows], before, vocabulary)
        batch, rows = rows[:count], rows[count:]
        places = [(node, row, tree.depth[node]) for row, (_, on) in enumerate(batch) for node in on]
        yield [tree.path(last) for last, _ in batch], places


def cover(tree: PrefixTree, nodes: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Return (last node, the nodes on its path) so that each of `nodes` is on one path.

    >>> tree = PrefixTree()
    >>> _ = tree.add([1, 2]), tree.add([1, 3])
    >>> cover(tree, [0, 1, 2, 3])
    [(2, [2, 1, 0]), (3, [3])]
    """
    left, rows = set(nodes), []
    for last in sorted(nodes, key=lambda node: -tree.depth[node]):
        if last not in left:
            continue
        on, node = [], last
        while node >= 0:
            if node in left:
                left.remove(node)
                on.append(node)
            node = tree.parent[node]
        rows.append((last, on))
    return rows


def _fitting(lengths: Sequence[int], before: int, vocabulary: int) -> int:
    """Return how many rows of ascending lengths fit one batch; at least one."""
    for count, length in enumerate(lengths, start=1):
        fits = count * length * vocabulary <= CELLS and count * (before + length) <= TOKENS
        if not fits:
            return max(1, count - 1)
    return len(lengths)
