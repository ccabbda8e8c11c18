"""How much work an expression may ask for, so that a hostile one is refused at once.

A unit of work is about one outcome with a weight of 64 bits. Work is counted only while an
expression is being turned into its law; a law that is already built is never metered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from evenodds.errors import TooLargeError

ALLOWANCE = 1_000_000
"""Units of work that one expression may spend: about half a second."""

_left: ContextVar[list[int] | None] = ContextVar("work_left", default=None)


def words(bits: int) -> int:
    """The number of 64-bit words that an integer of so many `bits` fills, at least 1."""
    return bits // 64 + 1


def charge(units: int, what: str) -> None:
    """Count `units` of work for `what`; `TooLargeError` when they exceed the allowance.

    Outside a metered block each charge stands alone; within one they add up.
    """
    left = _left.get()
    if left is not None:
        left[0] -= units
    if units > ALLOWANCE or (left is not None and left[0] < 0):
        raise TooLargeError(f"{what} takes too much work to compute exactly; ask for a smaller one")


@contextmanager
def metered() -> Iterator[None]:
    """Within this block all charges count against one allowance; nested blocks share it."""
    if _left.get() is not None:
        yield
        return
    token = _left.set([ALLOWANCE])
    try:
        yield
    finally:
        _left.reset(token)
