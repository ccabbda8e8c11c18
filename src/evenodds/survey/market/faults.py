"""What goes wrong at the market, how often, and for which model more than for others.

On the way (another attempt may do): `busy` 429 with Retry-After, `busy_silent` 429 without, `error`
500, `gateway` 502 with a page of HTML, `stall` no answer until long after any time-out, `reset` a
connection that is torn down, `error_200` 200 with an error in it, `torn` half a JSON text.
In the reply, which is paid (the same request gets the same): `malformed`, `off_support`, `refusal`,
`filtered`, `empty`, `endless` thought up to the length limit, `no_usage` (the field is missing),
`repeated` (the reply of an earlier request, with its id).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from evenodds.errors import RunError

__all__ = ["PRESETS", "REPLIES", "TRANSPORT", "fault_rates", "own_rates"]

TRANSPORT = ("busy", "busy_silent", "error", "gateway", "stall", "reset", "error_200", "torn")
"""Faults on the way: each is drawn anew at every attempt."""
REPLIES = ("malformed", "off_support", "refusal", "filtered", "empty", "endless")
"""Replies that are no draw of an outcome: a share of a model's replies."""
OTHERS = ("no_usage", "repeated")

_FEW = {
    **dict.fromkeys(TRANSPORT, 0.004),
    "malformed": 0.01,
    "off_support": 0.004,
    "refusal": 0.004,
    "filtered": 0.001,
    "empty": 0.002,
    "endless": 0.002,
    "no_usage": 0.01,
    "repeated": 0.0,
}
_MANY = {
    **dict.fromkeys(TRANSPORT, 0.03),
    "malformed": 0.03,
    "off_support": 0.02,
    "refusal": 0.02,
    "filtered": 0.01,
    "empty": 0.02,
    "endless": 0.02,
    "no_usage": 0.05,
    "repeated": 0.01,
}
PRESETS: Mapping[str, Mapping[str, float]] = {
    "none": dict.fromkeys((*TRANSPORT, *REPLIES, *OTHERS), 0.0),
    "few": _FEW,
    "many": _MANY,
}
"""Name -> fault -> mean rate over the models."""
_MOST = 0.5


def fault_rates(told: str) -> dict[str, float]:
    """The rates that a text names: a preset, changed by `NAME=RATE` after commas.

    Raises RunError for a name or a rate that is none.

    >>> fault_rates("none,reset=0.2")["reset"], fault_rates("few")["error"]
    (0.2, 0.004)
    """
    rates = dict(PRESETS["none"])
    for part in filter(None, (part.strip() for part in told.split(","))):
        name, _, rate = part.partition("=")
        if part in PRESETS:
            rates |= PRESETS[part]
        elif name in rates:
            rates[name] = _rate(name, rate)
        else:
            known = ", ".join((*PRESETS, *rates))
            raise RunError(f"{part!r} is no fault: write some of {known}, such as few,stall=0.1.")
    return rates


def _rate(name: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise RunError(f"{name}={text} is no rate: give a number between 0 and 1.")
    return rate


def own_rates(rates: Mapping[str, float], drawn: Mapping[str, float]) -> dict[str, float]:
    """One model's rates: some models hardly ever fail, some often; on average `rates`.

    `drawn` holds a uniform number for each fault: the rate is exponentially distributed. Together
    those of a kind are at most a half, so that every model can be surveyed.
    """
    own = {name: rate * -log(1 - drawn[name]) for name, rate in rates.items() if rate > 0}
    for kind in (TRANSPORT, REPLIES):
        total = sum(own.get(name, 0.0) for name in kind)
        most = max(_MOST, *(rates.get(name, 0.0) for name in kind))
        if total > most:
            own |= {name: own[name] * most / total for name in kind if name in own}
    return own
