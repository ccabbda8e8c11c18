"""What the rows of a study say over its seeds: mean and spread, never one lucky run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from statistics import fmean, median, stdev
from typing import Any

from evenodds.errors import RunError

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Spread:
    """One number over seeds, in its own unit: how many, mean, extremes, sample deviation.

    `sd` is NaN for a single value. It prints as its mean with its extremes:

    >>> print(spread([0.1, 0.2, 0.6]))
    0.3 (0.1 to 0.6)
    """

    count: int
    mean: float
    median: float
    least: float
    most: float
    sd: float

    def __str__(self) -> str:
        """Mean and extremes to three digits."""
        return f"{self.mean:.3g} ({self.least:.3g} to {self.most:.3g})"


def spread(values: Iterable[float]) -> Spread:
    """Mean and spread of the values, one a seed. Raises RunError for none."""
    seen = [float(value) for value in values]
    if not seen:
        raise RunError("there is no value to take a mean of: run the study with at least one seed")
    sd = stdev(seen) if len(seen) > 1 else nan
    return Spread(len(seen), fmean(seen), median(seen), min(seen), max(seen), sd)


def grouped(rows: Iterable[Row], *by: str) -> dict[tuple[Any, ...], list[Row]]:
    """The rows with equal values of the options `by`, together, in their order.

    >>> list(grouped([{"lr": 1, "seed": 0}, {"lr": 1, "seed": 1}], "lr"))
    [(1,)]
    """
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    return groups


def table(
    rows: Iterable[Row], by: Sequence[str], values: Sequence[str]
) -> dict[tuple[Any, ...], dict[str, Spread]]:
    """For each combination of the options `by`: the spread of each of `values` over the rest."""
    return {
        group: {name: spread(row[name] for row in members) for name in values}
        for group, members in grouped(rows, *by).items()
    }


def last_mean(values: Sequence[float], count: int) -> float:
    """Mean of the last `count` values of a curve, or of all where there are fewer.

    How a run ended is told by this, never by the best point of its curve.

    >>> last_mean([0.9, 0.1, 0.3], 2)
    0.2
    """
    return spread(values[-count:]).mean
