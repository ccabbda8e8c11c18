"""A law cut down to a few bars that still tell its shape, for a page and for 80 columns alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

OTHERS = "others"


@dataclass(frozen=True)
class Bar:
    """One outcome, or several put together, with its probability in each of the compared pmfs."""

    label: str
    heights: tuple[float, ...]


def bars(pmfs: Sequence[Mapping[str, float]], limit: int = 12) -> list[Bar]:
    """Return at most `limit` bars over the outcomes of the first pmf, then of the others.

    Few outcomes stay as they are. Many numbers are put into ranges of equal count; of many labels
    the likeliest stay and the rest becomes "others". Each pmf keeps its total.

    >>> bars([{"heads": 0.5, "tails": 0.5}, {"heads": 0.9, "tails": 0.1}])[0]
    Bar(label='heads', heights=(0.5, 0.9))
    >>> [bar.label for bar in bars([{str(n): 0.01 for n in range(1, 101)}], limit=4)]
    ['1–25', '26–50', '51–75', '76–100']
    """
    every = [Bar(name, tuple(pmf.get(name, 0.0) for pmf in pmfs)) for name in _outcomes(pmfs)]
    if len(every) <= limit:
        return every
    ranges = _ranges(every, limit)
    return ranges if ranges is not None else _likeliest(every, limit)


def _outcomes(pmfs: Sequence[Mapping[str, float]]) -> list[str]:
    return list(dict.fromkeys(outcome for pmf in pmfs for outcome in pmf))


def _ranges(every: list[Bar], limit: int) -> list[Bar] | None:
    try:
        ordered = sorted(every, key=lambda bar: Decimal(bar.label))
    except InvalidOperation:
        return None
    size = -(-len(ordered) // limit)
    return [_merged(ordered[start : start + size]) for start in range(0, len(ordered), size)]


def _merged(run: list[Bar]) -> Bar:
    words = run[0].label if len(run) == 1 else f"{run[0].label}–{run[-1].label}"
    return Bar(words, _sums(run))


def _likeliest(every: list[Bar], limit: int) -> list[Bar]:
    ordered = sorted(every, key=lambda bar: -max(bar.heights))
    kept = {bar.label for bar in ordered[: limit - 1]}
    rest = [bar for bar in every if bar.label not in kept]
    return [bar for bar in every if bar.label in kept] + [Bar(OTHERS, _sums(rest))]


def _sums(run: list[Bar]) -> tuple[float, ...]:
    return tuple(sum(column) for column in zip(*(bar.heights for bar in run), strict=True))


def per_hundred(pmf: Mapping[str, float], invalid: float = 0.0) -> dict[str, int]:
    """Return whole counts of 100 answers in proportion to the pmf; "" counts the invalid ones.

    Rounded by largest remainders, so that the counts always sum to 100.

    >>> per_hundred({"1": 1 / 3, "2": 1 / 3, "3": 1 / 3})
    {'1': 34, '2': 33, '3': 33}
    """
    masses = {**pmf, "": invalid} if invalid > 0 else dict(pmf)
    total = sum(masses.values())
    if total <= 0:
        return {}
    exact = {outcome: 100 * mass / total for outcome, mass in masses.items()}
    counts = {outcome: int(share) for outcome, share in exact.items()}
    largest = sorted(exact, key=lambda outcome: counts[outcome] - exact[outcome])
    for outcome in largest[: 100 - sum(counts.values())]:
        counts[outcome] += 1
    return {outcome: count for outcome, count in counts.items() if count}
