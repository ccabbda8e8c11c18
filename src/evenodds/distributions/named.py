"""Laws of `scipy.stats` by name, as curves to round or as weights on integers.

This is the one place where scipy.stats is imported, and only when such a law is asked for.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any

from evenodds.distributions.family import listable, shown
from evenodds.distributions.pmf import Pmf
from evenodds.distributions.rounding import Curve
from evenodds.distributions.work import charge
from evenodds.errors import TargetError

_UNIT = 2**80

_PMF_ERROR = 2.0**-40
"""Taken as the relative error of scipy's pmf of a discrete law."""


def frozen(name: str, parameters: Sequence[float]) -> tuple[Any, bool]:
    """The scipy law with its parameters, and whether it is discrete.

    Raises `TargetError` for an unknown name or parameters outside the law's domain.
    """
    from scipy import stats

    law = getattr(stats, name, None) if isinstance(name, str) else None
    if not isinstance(law, stats.rv_continuous | stats.rv_discrete):
        raise TargetError(f"scipy.stats has no law {shown(name)}; see its list of distributions")
    discrete = isinstance(law, stats.rv_discrete)
    shapes = [shape for shape in (law.shapes or "").replace(" ", "").split(",") if shape]
    expected = [*shapes, "loc", *([] if discrete else ["scale"])]
    if not len(shapes) <= len(parameters) <= len(expected):
        raise TargetError(
            f"scipy's {name} takes {', '.join(expected)}; {len(parameters)} numbers are given"
        )
    made = law(*parameters)
    if not all(math.isfinite(x) for x in (made.cdf(0.0), made.ppf(0.5))):
        raise TargetError(f"{list(parameters)} lie outside the domain of scipy's {name}")
    return made, discrete


def continuous_law(name: str, law: Any) -> Curve:
    """A frozen continuous law of scipy as a curve."""
    return Curve(
        f"scipy's {name}",
        lambda x: float(law.cdf(x)),
        lambda x: float(law.sf(x)),
        lambda q: float(law.ppf(q)),
        lambda q: float(law.isf(q)),
    )


def discrete_law(name: str, law: Any, tail: float) -> Pmf[int]:
    """A frozen discrete law of scipy, cut where at most `tail` is left on each side."""
    first, last = float(law.ppf(tail)), float(law.isf(tail))
    if not (math.isfinite(first) and math.isfinite(last)):
        raise TargetError(f"scipy's {name} has no finite range; check its parameters")
    low, high = int(first), int(last)
    charge(listable(high - low + 1, f"scipy's {name}"), f"scipy's {name}")
    rows = [(k, round(float(law.pmf(k)) * _UNIT)) for k in range(low, high + 1)]
    lost = float(law.cdf(low - 1)) + float(law.sf(high))
    return Pmf(rows, error=lost + _PMF_ERROR + len(rows) / _UNIT)
