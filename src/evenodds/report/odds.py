"""A law for a terminal: what it amounts to, then a table with a bar for each outcome.

Everything fits 80 columns without colour. A law with more outcomes than lines is binned if its
outcomes are numbers, cut if they are labels, and shown by a few draws if it cannot be listed.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

from evenodds.distributions import LISTABLE, Expression, Law, Pmf
from evenodds.errors import TooLargeError
from evenodds.report.bar import WIDTH, drawn_bar
from evenodds.report.text import columns, fitted, printable

MOST_ROWS = 40
"""The outcomes that are listed one by one unless more are asked for."""

BINS = 20
DRAWS = 5
_WIDEST_LABEL = 28
_FRINGE = 0.001


@dataclass(frozen=True)
class Row:
    """A line of the table: a label, its probability, and whether a bar shows it."""

    label: str
    prob: float
    drawn: bool = True


def odds_json(law: Law, limit: int | None = None) -> dict[str, Any]:
    """The law as plain JSON values: pmf, mean, variance, entropy (nats), support_size.

    The pmf is `None` beyond `limit` outcomes (100,000 if not given), the moments for labels.
    """
    listed = _listed(law, LISTABLE if limit is None else limit)
    mean, variance = law.mean(), law.variance()
    return {
        "pmf": None if listed is None else {str(x): p for x, p in listed.probs().items()},
        "mean": None if mean is None else float(mean),
        "variance": None if variance is None else float(variance),
        "entropy": law.entropy(),
        "support_size": law.support_size,
    }


def odds_lines(
    expression: Expression, limit: int | None = None, seed: int = 0, blocks: bool = True
) -> list[str]:
    """The law of an expression as lines of at most 80 columns.

    At most `limit` outcomes (40 if not given) are listed one by one; `seed` is that of the draws
    which show a law that cannot be listed; without `blocks` bars are drawn in plain ASCII.
    """
    law = expression.law
    most = MOST_ROWS if limit is None else limit
    listed = _listed(law, max(LISTABLE, most))
    lines = [fitted(str(expression), WIDTH).rstrip(), *(f"  {line}" for line in _summary(law)), ""]
    if listed is None:
        return [*lines, *_draws(law, seed)]
    return [*lines, *_table(_rows(listed, most), listed.mean() is not None, blocks)]


def _listed(law: Law, limit: int) -> Pmf[Any] | None:
    try:
        return law.pmf(limit)
    except TooLargeError:
        return None


# --- what the law amounts to -----------------------------------------------------------------


def _summary(law: Law) -> list[str]:
    entropy = law.entropy()
    size = law.support_size
    lines = [f"{_count(size)} outcome{'s' * (size != 1)}"]
    mean, variance = law.mean(), law.variance()
    if mean is not None and variance is not None:
        lines.append(f"mean      {_number(mean)}")
        lines.append(f"variance  {_number(variance)}   sd {math.sqrt(variance):.6g}")
    lines.append(f"entropy   {entropy:.6g} nats   {entropy / math.log(2):.6g} bits")
    if law.error:
        lines.append(f"within {law.error:.1e} (total variation) of the law it names")
    return lines


def _count(number: int) -> str:
    """A number of outcomes: in full up to 15 digits, then as a power of ten."""
    if number < 10**15:
        return f"{number:,}"
    power = math.floor(math.log10(number))
    return f"about {number / 10**power:.2f}e{power}"


def _number(value: Fraction) -> str:
    """A number in six digits, and as the fraction that it is where that is short."""
    short = value.denominator > 1 and len(str(value)) <= 16
    return f"{float(value):.6g}" + (f" = {value}" if short else "")


# --- its rows ----------------------------------------------------------------------------------


def _rows(pmf: Pmf[Any], most: int) -> list[Row]:
    if len(pmf) <= most:
        return [Row(str(x), p) for x, p in pmf.probs().items()]
    if pmf.mean() is not None:
        return _bins(pmf)
    likeliest = sorted(pmf.probs().items(), key=lambda pair: -pair[1])[:most]
    rest = 1 - math.fsum(p for _, p in likeliest)
    others = Row(f"({len(pmf) - most:,} others)", rest, drawn=False)
    return [*(Row(str(x), p) for x, p in likeliest), others]


def _bins(pmf: Pmf[Any]) -> list[Row]:
    """Equal bins over the middle of a law of numbers; the first and last take in the fringes.

    Bins start at round numbers, or at the least outcome where the law starts sharply.
    """
    scale = max((_decimals(x) for x in pmf), default=0)
    points = sorted((int(Decimal(x).scaleb(scale)), w / pmf.total) for x, w in pmf.items())
    least, most = points[0][0], points[-1][0]
    low, high = _middle(points)
    width = next(w for w in _widths() if (high - low) // w < BINS - 1 or (most - least) // w < BINS)
    start = least if low - least < width else low // width * width
    count = (most if most - high < width else high) - start
    masses = [0.0] * (count // width + 1)
    for point, prob in points:
        masses[min(max((point - start) // width, 0), len(masses) - 1)] += prob

    def label(k: int) -> str:
        ends = max(start + k * width, least), min(start + (k + 1) * width - 1, most)
        first, last = (str(Decimal(end).scaleb(-scale)) for end in ends)
        if k == 0 and least < start:
            return f"up to {last}"
        if k == len(masses) - 1 and most > ends[1]:
            return f"{first} and up"
        return first if first == last else f"{first} to {last}"

    return [Row(label(k), mass) for k, mass in enumerate(masses)]


def _decimals(outcome: Any) -> int:
    return max(0, -int(outcome.as_tuple().exponent)) if isinstance(outcome, Decimal) else 0


def _middle(points: Sequence[tuple[int, float]]) -> tuple[int, int]:
    """The smallest and largest outcome once a thousandth of the mass is left out on each side."""

    def reached(ordered: Sequence[tuple[int, float]]) -> int:
        masses = accumulate(prob for _, prob in ordered)
        return next(
            (point for (point, _), mass in zip(ordered, masses, strict=True) if mass >= _FRINGE),
            ordered[-1][0],
        )

    return reached(points), reached(points[::-1])


def _widths() -> Iterable[int]:
    """1, 2, 5, 10, 20, 50, ..."""
    unit = 1
    while True:
        yield from (unit, 2 * unit, 5 * unit)
        unit *= 10


# --- on the screen -----------------------------------------------------------------------------


def _table(rows: Sequence[Row], numbers: bool, blocks: bool) -> list[str]:
    """One line a row: label, probability, and a bar whose full length is the largest one."""
    width = min(_WIDEST_LABEL, max(7, *(columns(printable(row.label)) for row in rows)))
    full = max(row.prob for row in rows if row.drawn)
    room = WIDTH - width - 15
    lines = [f"  {_aligned('outcome', width, numbers)}      prob"]
    for row in rows:
        bar = drawn_bar(row.prob / full, room, blocks) if row.drawn else ""
        lines.append(
            f"  {_aligned(row.label, width, numbers)}  {_prob(row.prob):>9}  {bar}".rstrip()
        )
    return lines


def _aligned(label: str, width: int, right: bool) -> str:
    shown = fitted(label, width)
    return shown.rstrip().rjust(width) if right else shown


def _prob(prob: float) -> str:
    """A probability in five decimals, or as a power of ten where those show too little.

    >>> _prob(1 / 6), _prob(1.0), _prob(0.000012345)
    ('0.16667', '1.00000', '1.23e-05')
    """
    return f"{prob:.5f}" if prob >= 0.0005 or prob == 0 else f"{prob:.2e}"


def _draws(law: Law, seed: int) -> list[str]:
    """A few draws with their probabilities, for a law that is too large to list."""
    rng = random.Random(seed)
    lines = [f"  {DRAWS} draws (seed {seed}) with the probability of each"]
    for _ in range(DRAWS):
        text = law.draw(rng)
        exponent = law.logprob(text) / math.log(10)
        power = math.floor(exponent)
        chance = f"{10 ** (exponent - power):.1f}e{power}"
        lines.append(f"  {fitted(str(text), WIDTH - 14)}  {chance:>9}")
    return lines
