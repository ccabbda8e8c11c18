"""Rows into tensors, so that one forward pass gives the log-probability of every supervised token.

Two layouts with equal losses and equal gradients:

- "tree": several rows share a line of the batch; a 4-D additive float mask lets each token see its
  own prompt and its own ancestors only, position ids count depth. No token is computed twice and
  next to none is padding. Right only where a numeric probe of the model says so.
- "paths": one line for each root-to-leaf path, padded on the right; a node that several paths share
  is supervised on the first of them alone. Right for every causal model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch

from evenodds.train.rows import ROOT, Row

Layout = Literal["tree", "paths"]
Tensors = dict[str, Any]


@dataclass
class _Line:
    """One line of a batch while it is being filled: tokens, positions, and who sees whom."""

    tokens: list[int]
    positions: list[int]
    sees: list[tuple[int, np.ndarray[Any, Any]]]


def collate(rows: Sequence[Row], layout: Layout, scales: Sequence[float] | None = None) -> Tensors:
    """The batch of `rows`, row i's edge weights multiplied by `scales[i]` (default 1 / len(rows)).

    Returned tensors, for B lines of length L, M supervised nodes and E edges: input_ids and
    position_ids (B, L); attention_mask (B, 1, L, L) float in layout "tree", (B, L) in "paths";
    place (M,) = line * L + column; node, token (E,) int64 and weight (E,) float32.
    """
    if scales is None:
        scales = [1 / len(rows)] * len(rows)
    lines, placed = (_pack if layout == "tree" else _expand)(rows)
    length = max(len(line.tokens) for line in lines)
    mask = _tree_mask if layout == "tree" else _pad_mask
    return {
        "input_ids": _padded([line.tokens for line in lines], length),
        "position_ids": _padded([line.positions for line in lines], length),
        "attention_mask": mask(lines, length),
        **_edges(rows, scales, placed, length),
    }


def parted(batch: Tensors, edges: int) -> tuple[Tensors, Tensors]:
    """The first `edges` edges of a batch with their nodes, and the rest: two batches of its lines.

    The cut must fall between two rows.
    """
    nodes = int(batch["node"][:edges].max()) + 1
    first = {name: batch[name][:edges] for name in ("node", "token", "weight")}
    rest = {name: batch[name][edges:] for name in ("node", "token", "weight")}
    return (
        {**batch, **first, "place": batch["place"][:nodes]},
        {**batch, **rest, "place": batch["place"][nodes:], "node": rest["node"] - nodes},
    )


Places = dict[int, tuple[int, int]]  # node -> (line, column); ROOT is the prompt's last token


def _pack(rows: Sequence[Row]) -> tuple[list[_Line], list[Places]]:
    """Rows into lines, longest first, each where it first fits."""
    capacity = _capacity([len(row) for row in rows])
    lines: list[_Line] = []
    placed: list[Places] = [{} for _ in rows]
    for index in sorted(range(len(rows)), key=lambda i: -len(rows[i])):
        row = rows[index]
        fits = (i for i, line in enumerate(lines) if len(line.tokens) + len(row) <= capacity)
        where = next(fits, len(lines))
        if where == len(lines):
            lines.append(_Line([], [], []))
        placed[index] = _append(lines[where], where, row)
    return lines, placed


def _capacity(lengths: Sequence[int]) -> int:
    """The length of lines, up to half as long again as the longest row, that pads least.

    Attention to longer lines costs something too: about a thousandth a token.
    """
    longest = max(lengths)
    falling = sorted(lengths, reverse=True)

    def cost(capacity: int) -> float:
        return _lines(falling, capacity) * capacity * (1 + capacity / 1000)

    return min(range(longest, 1 + 3 * longest // 2, max(1, longest // 12)), key=cost)


def _lines(falling: Sequence[int], capacity: int) -> int:
    """How many lines rows of these lengths fill, each row put where it first fits."""
    free: list[int] = []
    for length in falling:
        where = next((i for i, left in enumerate(free) if left >= length), len(free))
        if where == len(free):
            free.append(capacity)
        free[where] -= length
    return len(free)


def _append(line: _Line, where: int, row: Row) -> Places:
    start, prompt = len(line.tokens), len(row.context)
    sees, depth = _visibility(prompt, row.parents)
    line.tokens += [*row.context, *row.tokens]
    line.positions += depth
    line.sees.append((start, sees))
    places = {node: (where, start + prompt + node) for node in range(len(row.tokens))}
    return {ROOT: (where, start + prompt - 1), **places}


@lru_cache(maxsize=4096)
def _visibility(prompt: int, parents: tuple[int, ...]) -> tuple[np.ndarray[Any, Any], list[int]]:
    """Who sees whom in one row (bool, L x L), and the depth of each token."""
    size = prompt + len(parents)
    sees = np.zeros((size, size), dtype=bool)
    sees[:prompt, :prompt] = np.tri(prompt, dtype=bool)
    depth = list(range(prompt))
    for node, parent in enumerate(parents):
        sees[prompt + node] = sees[prompt + parent]
        sees[prompt + node, prompt + node] = True
        depth.append(depth[prompt + parent] + 1)
    return sees, depth


def _expand(rows: Sequence[Row]) -> tuple[list[_Line], list[Places]]:
    """One line for each leaf of each row; a shared node keeps the place of its first line."""
    lines: list[_Line] = []
    placed: list[Places] = []
    for row in rows:
        places: Places = {ROOT: (len(lines), len(row.context) - 1)}
        for path in _leaf_paths(row):
            tokens = [*row.context, *(row.tokens[node] for node in path)]
            for depth, node in enumerate(path):
                places.setdefault(node, (len(lines), len(row.context) + depth))
            lines.append(_Line(tokens, list(range(len(tokens))), []))
        placed.append(places)
    return lines, placed


def _leaf_paths(row: Row) -> list[list[int]]:
    inner = set(row.parents)
    leaves = [node for node in range(len(row.tokens)) if node not in inner]
    return [_ancestry(row, leaf) for leaf in leaves] or [[]]


def _ancestry(row: Row, node: int) -> list[int]:
    path: list[int] = []
    while node != ROOT:
        path.append(node)
        node = row.parents[node]
    return path[::-1]


def _padded(lines: Sequence[Sequence[int]], length: int) -> Any:
    """(B, L) int64, filled up with 0: what stands there is neither seen nor supervised."""
    filled = np.zeros((len(lines), length), dtype=np.int64)
    for i, line in enumerate(lines):
        filled[i, : len(line)] = line
    return torch.from_numpy(filled)


def _tree_mask(lines: Sequence[_Line], length: int) -> Any:
    """(B, 1, L, L) additive: 0 where seen, the least float where not; padding sees itself."""
    sees = np.broadcast_to(np.eye(length, dtype=bool), (len(lines), length, length)).copy()
    for i, line in enumerate(lines):
        for start, block in line.sees:
            stop = start + len(block)
            sees[i, start:stop, start:stop] = block
    least = np.finfo(np.float32).min
    return torch.from_numpy(np.where(sees, np.float32(0), least)[:, None])


def _pad_mask(lines: Sequence[_Line], length: int) -> Any:
    """(B, L) int64: 1 on tokens, 0 on padding."""
    return _padded([[1] * len(line.tokens) for line in lines], length)


def _edges(
    rows: Sequence[Row], scales: Sequence[float], placed: Sequence[Places], length: int
) -> Tensors:
    index: dict[int, int] = {}
    node: list[int] = []
    token: list[int] = []
    weight: list[float] = []
    for row, scale, places in zip(rows, scales, placed, strict=True):
        for where, next_token, mass in row.edges:
            line, column = places[where]
            node.append(index.setdefault(line * length + column, len(index)))
            token.append(next_token)
            weight.append(scale * mass)
    return {
        "place": torch.tensor(list(index), dtype=torch.int64),
        "node": torch.tensor(node, dtype=torch.int64),
        "token": torch.tensor(token, dtype=torch.int64),
        "weight": torch.tensor(weight, dtype=torch.float32),
    }
