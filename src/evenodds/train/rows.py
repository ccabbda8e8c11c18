"""Rows: what one prompt teaches, as numbers: a prompt's tokens, a tree after it, exact targets.

A row knows nothing of batches or torch. Nodes are the tokens that must be fed (those with something
after them); edges are the supervised next tokens, each with the weight it carries in the loss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

ROOT = -1


@dataclass(frozen=True)
class Row:
    """A prompt, a tree of fed tokens after it, and weighted next-token targets at its nodes.

    `tokens[i]` follows `parents[i]` (ROOT = the prompt's last token), parents first.
    `edges` are (node, next token, weight); `entropy` (nats) is the least value of
    -sum weight log p over all models, reached where p equals the target at every node.
    """

    context: tuple[int, ...]
    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    edges: tuple[tuple[int, int, float], ...]
    entropy: float

    def __len__(self) -> int:
        """Tokens to feed: the prompt's and the tree's."""
        return len(self.context) + len(self.tokens)


class TargetTree(Protocol):
    """What a row needs of a token trie: an exact law of the next token at every node; 0 is root."""

    def next_target(self, node: int) -> Mapping[int, float]:
        """Next token -> probability at `node`; empty at an answer's end."""

    def child(self, node: int, token: int) -> int:
        """The node that `token` leads to from `node`."""


def trie_row(context: Sequence[int], tree: TargetTree, paths: Sequence[Sequence[int]] = ()) -> Row:
    """The row that supervises the whole tree, each node weighted by its mass under the target.

    With `paths` (token paths drawn from the target, root to end) only their nodes are fed, each
    weighted by the share of paths that pass it: the same loss in expectation, fewer tokens. The
    next-token law at a fed node is exact in both cases.
    """
    builder = _Builder()
    if paths:
        builder.visit_paths(tree, paths)
    else:
        builder.visit_all(tree)
    return builder.row(context)


def path_row(
    context: Sequence[int], path: Sequence[int], laws: Sequence[Mapping[int, float]]
) -> Row:
    """One path; at step i the law `laws[i]` over the next token is supervised (it may be one-hot).

    Raises ValueError when the two differ in length.
    """
    edges = [
        (i - 1, token, prob)
        for i, (_, law) in enumerate(zip(path, laws, strict=True))
        for token, prob in law.items()
    ]
    nodes = tuple(path[:-1])
    parents = tuple(range(ROOT, len(nodes) - 1))
    return Row(tuple(context), nodes, parents, tuple(edges), sum(_entropy(law) for law in laws))


def drawn_row(context: Sequence[int], paths: Sequence[Sequence[int]]) -> Row:
    """The row that supervises drawn answers one-hot, each weighted 1 / how many there are.

    What they share is fed once. `entropy` is that of the drawn answers themselves (nats): what a
    model that has learnt them by heart would come down to.
    """
    return trie_row(context, _Drawn(paths))


def along(row: Row, paths: Sequence[Sequence[int]]) -> list[list[int]]:
    """The numbers of the edges that each of some answers takes through a row that feeds it."""
    child = _children(row)
    number = {(node, token): i for i, (node, token, _) in enumerate(row.edges)}
    return [_taken(path, child, number) for path in paths]


def _taken(
    path: Sequence[int], child: Mapping[tuple[int, int], int], number: Mapping[tuple[int, int], int]
) -> list[int]:
    taken, node = [], ROOT
    for token in path:
        taken.append(number[node, token])
        node = child.get((node, token), ROOT)
    return taken


def _children(row: Row) -> dict[tuple[int, int], int]:
    pairs = zip(row.parents, row.tokens, strict=True)
    return {(parent, token): i for i, (parent, token) in enumerate(pairs)}


def blended(row: Row, path: Sequence[int], share: float) -> Row:
    """(1 - share) of the row's loss and `share` of the cross-entropy of one answer it feeds.

    `entropy` then is what a model that equals the exact targets has: (1 - share) of the row's, and
    `share` of the answer's surprisal under the exact targets.
    """
    masses: dict[int, float] = {}
    for node, _, weight in row.edges:
        masses[node] = masses.get(node, 0.0) + weight
    exact = [(node, token, (1 - share) * weight) for node, token, weight in row.edges]
    taken = [row.edges[i] for i in along(row, [path])[0]]
    drawn = [(node, token, share) for node, token, _ in taken]
    surprisal = -sum(math.log(weight / masses[node]) for node, _, weight in taken)
    entropy = (1 - share) * row.entropy + share * surprisal
    return replace(row, edges=(*exact, *drawn), entropy=entropy)


def shortened(row: Row, power: float) -> Row:
    """The row with its loss times n ** -power, n the expected number of tokens in an answer.

    Power 1 makes it the mean over tokens. The weights of all edges sum to n.
    """
    scale = sum(weight for _, _, weight in row.edges) ** -power
    edges = tuple((node, token, scale * weight) for node, token, weight in row.edges)
    return replace(row, edges=edges, entropy=scale * row.entropy)


def one_hot(path: Sequence[int]) -> list[dict[int, float]]:
    """The laws of a reply that is simply to be repeated: all mass on the next token."""
    return [{token: 1.0} for token in path]


class _Drawn:
    """Drawn answers as a tree of targets: at each node, how often each token came next."""

    def __init__(self, paths: Sequence[Sequence[int]]) -> None:
        self.counts: list[dict[int, int]] = [{}]
        self.children: dict[tuple[int, int], int] = {}
        for path in paths:
            self._add(path)

    def _add(self, path: Sequence[int]) -> None:
        node = 0
        for token in path:
            self.counts[node][token] = self.counts[node].get(token, 0) + 1
            if (node, token) not in self.children:
                self.children[node, token] = len(self.counts)
                self.counts.append({})
            node = self.children[node, token]

    def next_target(self, node: int) -> dict[int, float]:
        counts = self.counts[node]
        total = sum(counts.values())
        return {token: count / total for token, count in counts.items()}

    def child(self, node: int, token: int) -> int:
        return self.children[node, token]


class _Builder:
    """Collects fed nodes and edges in depth-first order, parents before children."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.parents: list[int] = []
        self.edges: list[tuple[int, int, float]] = []
        self.entropy = 0.0

    def feed(self, token: int, parent: int) -> int:
        self.tokens.append(token)
        self.parents.append(parent)
        return len(self.tokens) - 1

    def supervise(self, fed: int, law: Mapping[int, float], weight: float) -> None:
        self.edges.extend((fed, token, weight * prob) for token, prob in law.items())
        self.entropy += weight * _entropy(law)

    def visit_all(self, tree: TargetTree) -> None:
        stack = [(0, ROOT, 1.0)]
        while stack:
            node, fed, mass = stack.pop()
            law = tree.next_target(node)
            self.supervise(fed, law, mass)
            for token, prob in law.items():
                child = tree.child(node, token)
                if tree.next_target(child):
                    stack.append((child, self.feed(token, fed), mass * prob))

    def visit_paths(self, tree: TargetTree, paths: Sequence[Sequence[int]]) -> None:
        share = 1 / len(paths)
        passing: dict[int, float] = {0: 0.0}
        fed = {0: ROOT}
        for path in paths:
            node = 0
            passing[0] += share
            for token in path[:-1]:
                child = tree.child(node, token)
                if child not in fed:
                    fed[child] = self.feed(token, fed[node])
                passing[child] = passing.get(child, 0.0) + share
                node = child
        for node, weight in passing.items():
            self.supervise(fed[node], tree.next_target(node), weight)

    def row(self, context: Sequence[int]) -> Row:
        return Row(
            tuple(context), tuple(self.tokens), tuple(self.parents), tuple(self.edges), self.entropy
        )


def _entropy(law: Mapping[int, float]) -> float:
    return -sum(prob * math.log(prob) for prob in law.values() if prob > 0)
