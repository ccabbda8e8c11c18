"""What a perfect sampler's tables look like: all of them where they can be listed, else simulated.

Both kinds are a `Null`: rows of statistics with a weight each. Enumeration lists tables up to
exchanges among outcomes of equal probability, so a die of 50 rolls costs thousands of rows, not
3.5 million.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from evenodds.measure.cells import Cell, Floats

TABLES = 5_000_000
ROWS = 500_000
RESAMPLES = 9_999
DRAWS = 100_000_000
CHUNK = 2_000_000


@dataclass(frozen=True)
class Null:
    """Statistics of tables under the target: name -> values (m,), and their weights (m,).

    `exact`: the rows are all tables and the weights their probabilities; otherwise each of
    `resamples` simulated tables has weight 1 / (resamples + 1), the rest belongs to the observed.
    """

    values: Mapping[str, Floats]
    weights: Floats
    exact: bool
    tables: int

    def mean(self, name: str) -> float:
        """Expectation of a statistic under a perfect sampler (simulated unless exact)."""
        return float(self.values[name] @ self.weights / self.weights.sum())

    def quantile(self, name: str, level: float) -> float:
        """Smallest value with at least `level` of the mass at or below it."""
        order = np.argsort(self.values[name], kind="stable")
        cumulative = np.cumsum(self.weights[order]) / self.weights.sum()
        at = int(np.searchsorted(cumulative, level * (1 - 1e-12)))
        return float(self.values[name][order[min(at, len(order) - 1)]])


def null(
    p: Floats, n: int, cells: Mapping[str, Cell], *, seed: int = 0, resamples: int = RESAMPLES
) -> Null:
    """The law of the statistics `cells` over tables of n draws from p (shape (K,), sums to 1).

    Exact when C(n+K-1, K-1) <= 5e6 tables, or 5e5 up to exchanges of equally likely outcomes;
    otherwise simulated, with fewer tables than `resamples` only where n and K are both so large
    that 1e8 draws would not do.
    """
    if comb(n + len(p) - 1, n) <= TABLES or orbits(p, n) <= ROWS:
        return enumerated(p, n, cells)
    return simulated(p, n, cells, seed=seed, resamples=resamples)


def groups(p: Floats) -> NDArray[np.int64]:
    """For each cell of sorted p, the index of its group of equal probabilities."""
    return np.asarray(np.cumsum(np.r_[0, np.diff(p) > 1e-12 * p[1:]]), dtype=np.int64)


def orbits(p: Floats, n: int, limit: int = 10 * ROWS) -> int:
    """Number of tables up to exchanges among equally likely outcomes, counted up to `limit`."""
    if len(p) > 64 or n > 4096:
        return limit
    ways = np.zeros(n + 1)
    ways[0] = 1.0
    for size in np.bincount(groups(np.sort(p))):
        ways = np.convolve(ways, _partitions(n, int(size)))[: n + 1]
    return int(min(limit, ways[n]))


def _partitions(n: int, parts: int) -> Floats:
    """Number of partitions of 0..n into at most `parts` parts (parts of size 1..`parts`)."""
    ways = np.zeros(n + 1)
    ways[0] = 1.0
    for size in range(1, parts + 1):
        for total in range(size, n + 1):
            ways[total] += ways[total - size]
    return ways


def enumerated(p: Floats, n: int, cells: Mapping[str, Cell]) -> Null:
    """Every table of n draws from p, with its probability."""
    parts = list(tables(p, n, cells))
    weights = np.concatenate([weight for weight, _ in parts])
    values = {name: np.concatenate([value[name] for _, value in parts]) for name in cells}
    return Null(values, weights / weights.sum(), True, len(weights))


@dataclass(frozen=True)
class _Partial:
    """Tables filled up to some cell: draws left, last count, its run length, log weight, sums."""

    left: NDArray[np.int64]
    last: NDArray[np.int64]
    run: NDArray[np.int64]
    log_weight: Floats
    sums: Floats

    def __getitem__(self, rows: slice) -> "_Partial":
        left, last, run = self.left[rows], self.last[rows], self.run[rows]
        return _Partial(left, last, run, self.log_weight[rows], self.sums[:, rows])


def tables(
    p: Floats, n: int, cells: Mapping[str, Cell], chunk: int = CHUNK // 8
) -> Iterator[tuple[Floats, dict[str, Floats]]]:
    """Chunks of (probabilities, statistics) that cover all tables of n draws from p.

    Within a group of equally likely outcomes counts do not increase; a table stands for all
    its exchanges, group size! / product of run lengths! of them.
    """
    p = np.sort(p)
    group = groups(p)
    filling = _Filling(p, group, n, cells)
    start = np.zeros(1, dtype=np.int64)
    log_weight = np.full(1, gammaln(n + 1) + gammaln(np.bincount(group) + 1).sum())
    todo = [(0, _Partial(start + n, start, start, log_weight, np.zeros((len(cells), 1))))]
    while todo:
        cell, partial = todo.pop()
        if cell == len(p):
            yield np.exp(partial.log_weight), dict(zip(cells, partial.sums, strict=True))
        elif len(partial.left) > max(1, chunk // 8):
            half = len(partial.left) // 2
            todo += [(cell, partial[half:]), (cell, partial[:half])]
        else:
            todo.append((cell + 1, filling(cell, partial)))


class _Filling:
    """Adds one cell to partial tables: every count that the cell may take."""

    def __init__(
        self, p: Floats, group: NDArray[np.int64], n: int, cells: Mapping[str, Cell]
    ) -> None:
        self.p, self.n, self.group, self.cells = p, n, group, cells
        self.counts = np.arange(n + 1, dtype=np.float64)

    def __call__(self, cell: int, partial: _Partial) -> _Partial:
        fresh = cell == 0 or self.group[cell] != self.group[cell - 1]
        most = partial.left if fresh else np.minimum(partial.left, partial.last)
        least = self._least(cell, partial.left)
        rows, count = _ranges(least, most)
        run = np.where((count == partial.last[rows]) & (not fresh), partial.run[rows] + 1, 1)
        logs, sums = self._tabulated(cell)
        return _Partial(
            partial.left[rows] - count,
            count,
            run,
            partial.log_weight[rows] + logs[count] - np.log(run),
            partial.sums[:, rows] + sums[:, count],
        )

    def _least(self, cell: int, left: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cells of the last group must take all that is left."""
        remaining = len(self.p) - cell
        last_group = self.group[cell] == self.group[-1]
        return -(-left // remaining) if last_group else np.zeros_like(left)

    def _tabulated(self, cell: int) -> tuple[Floats, Floats]:
        """Log of p^x / x! and each statistic's share, for x = 0..n in this cell."""
        x, p = self.counts, np.full(self.n + 1, self.p[cell])
        shares = np.stack([share(x, p, self.n) for share in self.cells.values()])
        return x * np.log(p) - gammaln(x + 1), shares


def _ranges(
    least: NDArray[np.int64], most: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row indices and values of all integers least[row]..most[row] (none where least > most)."""
    sizes = np.maximum(most - least + 1, 0)
    rows = np.repeat(np.arange(len(least)), sizes)
    starts = np.cumsum(sizes) - sizes
    return rows, np.arange(len(rows)) - starts[rows] + least[rows]


def simulated(
    p: Floats, n: int, cells: Mapping[str, Cell], *, seed: int, resamples: int = RESAMPLES
) -> Null:
    """Statistics of `resamples` tables of n draws from p, one shared Monte Carlo sample.

    The last few are kept: a suite asks for the same law and number of draws again and again.
    """
    return _simulated(p.astype(np.float64).tobytes(), n, tuple(cells.items()), seed, resamples)


@lru_cache(maxsize=8)
def _simulated(
    law: bytes, n: int, cells: tuple[tuple[str, Cell], ...], seed: int, resamples: int
) -> Null:
    p, rng = np.frombuffer(law), np.random.default_rng(seed)
    width = min(n, len(p))
    resamples = max(999, min(resamples, DRAWS // width))
    statistics = _dense if len(p) <= 4 * n else _sparse
    rows = max(1, CHUNK // width)
    parts = [
        statistics(p, n, dict(cells), rng, min(rows, resamples - done))
        for done in range(0, resamples, rows)
    ]
    values = {name: np.concatenate([part[name] for part in parts]) for name, _ in cells}
    return Null(values, np.full(resamples, 1 / (resamples + 1)), False, resamples)


def _dense(
    p: Floats, n: int, cells: Mapping[str, Cell], rng: np.random.Generator, rows: int
) -> dict[str, Floats]:
    counts = rng.multinomial(n, p, size=rows).astype(np.float64)
    return {name: cell(counts, p[None, :], n).sum(axis=1) for name, cell in cells.items()}


def _sparse(
    p: Floats, n: int, cells: Mapping[str, Cell], rng: np.random.Generator, rows: int
) -> dict[str, Floats]:
    """Occupied cells only: sum over them of f(x) - f(0), plus the sum of f(0) over all cells."""
    drawn = _drawn(p, (rows, n), rng)
    keys, x = np.unique(np.arange(rows)[:, None] * len(p) + drawn, return_counts=True)
    row, outcome = np.divmod(keys, len(p))
    zeros, counts = np.zeros(len(p)), x.astype(np.float64)
    statistics = {}
    for name, cell in cells.items():
        empty = cell(zeros, p, n)
        gain = cell(counts, p[outcome], n) - empty[outcome]
        statistics[name] = np.bincount(row, gain, minlength=rows) + empty.sum()
    return statistics


def _drawn(p: Floats, shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of outcomes drawn from p."""
    if p.min() == p.max():
        return rng.integers(len(p), size=shape)
    cumulative = np.cumsum(p)
    places = rng.random(shape) * cumulative[-1]
    return np.asarray(np.searchsorted(cumulative, places, side="right"), dtype=np.int64)
