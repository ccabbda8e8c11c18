"""Replies that are copies of earlier ones: what a cache between us and the model gives out again.

A copy was not drawn when it was asked for, so it is no draw: it is paid, kept and counted, and
neither a stopper nor an analysis is shown it. A reply is known again by the id that the server gave
it, together with the time that it states ("created"); both are the server's own words, so that what
was answered plays no part, and leaving copies out favours no outcome. An id of less than 16
characters names nothing: some local servers number their replies below 1,000. Of two replies of one
id the one with the lower number is the draw, whichever came first, so that what is a draw depends
on the replies alone, and not on who was quicker.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MOST", "copies", "endless", "reply_mark"]

MOST = 20
"""Copies in a row that show a model to be out of reach behind a cache."""
_SHORTEST = 16


def reply_mark(record: Any) -> int:
    """A number that stands for the id of a reply; 0 for one without.

    >>> reply_mark({"id": "gen-0123456789abcdef"}) == reply_mark({"id": "gen-0123456789abcdef"})
    True
    >>> reply_mark({"id": "chatcmpl-42"}), reply_mark({}), reply_mark(None)
    (0, 0, 0)
    """
    name = record.get("id") if isinstance(record, Mapping) else None
    if not isinstance(name, str) or len(name) < _SHORTEST:
        return 0
    text = f"{name}\x1f{record.get('created')}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


def copies(marks: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which replies of a model are copies of earlier ones, by their marks in order of number.

    >>> copies(np.array([7, 0, 8, 7, 0, 7])).tolist()
    [False, False, False, True, False, True]
    """
    first = np.zeros(len(marks), dtype=bool)
    first[np.unique(marks, return_index=True)[1]] = True
    return np.asarray(~first & (marks != 0))


def endless(copied: npt.NDArray[np.bool_]) -> int | None:
    """How many replies came until `MOST` copies in a row were among them; None: they never were."""
    run = 0
    for at in np.flatnonzero(copied).tolist() if copied.sum() >= MOST else ():
        run = run + 1 if at and copied[at - 1] else 1
        if run == MOST:
            return int(at) + 1
    return None
