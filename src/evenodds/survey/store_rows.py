"""What is written into a survey's ledger, and what is read from it; money as whole billionths."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from evenodds.errors import BudgetError
from evenodds.models.endpoint_shared import Answered

__all__ = ["DrawRow", "Ended", "Note", "Odds", "Op", "Raw", "Read", "Replayed", "Reserved", "Stop"]

PARTS = 10**9
"""Parts of a dollar: what is paid is rounded up, a cap down."""


def parts(dollars: float) -> int:
    """Whole billionths of a dollar, rounded up. Raises BudgetError for what is no cost.

    >>> parts(0.3), parts(1e-12)
    (300000000, 1)
    """
    if not (isfinite(dollars) and dollars >= 0):
        raise BudgetError(f"{dollars} cannot be the cost of anything: give an amount of 0 or more.")
    return ceil(Fraction(str(float(dollars))) * PARTS)


def parts_of_cap(dollars: float) -> int:
    """Whole billionths of a dollar, rounded down. Raises BudgetError for what bounds nothing."""
    if not (isfinite(dollars) and dollars >= 0):
        raise BudgetError(f"A cap of {dollars} bounds nothing: give an amount of 0 or more.")
    return floor(Fraction(str(float(dollars))) * PARTS)


Odds = tuple[float, ...]
"""The odds that a reply was drawn with, in the order of the law's outcomes; empty if not shown."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """A call that is about to be made: its worst case, in parts, is set aside for good or until
    `Ended` says what it cost. `model`, `question` and `cell` are ids of names."""

    id: int
    model: int
    question: int
    i: int
    cell: int
    attempt: int
    worst: int
    asked_at: float


@dataclass(frozen=True, slots=True)
class Raw:
    """What came, before anything reads it."""

    id: int
    answered: Answered


@dataclass(frozen=True, slots=True)
class Ended:
    """What a call cost, in parts: `draw` is its (question, model, i) where it brought a reply."""

    id: int
    draw: tuple[int, int, int] | None
    cost: int
    latency: float | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader of version `reader` made of a reply: a kind's code, -1 for no outcome.

    `mark` stands for the id of the reply (see `copies`), 0 for none.
    """

    reader: int
    id: int
    kind: int
    outcome: int
    position: int
    odds: Odds = ()
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something to remember of a model: a draw that cannot be had, a stop, what it declines."""

    kind: str
    model: int
    question: int
    i: int
    said: str


Op = Reserved | Raw | Ended | Read | Note


@dataclass(frozen=True)
class DrawRow:
    """One paid reply. `answered` is what came; dollars, and seconds until it came."""

    model: str
    question: str
    i: int
    cell_key: str
    answered: Answered
    cost: float
    latency: float
    asked_at: float
    attempt: int

    @property
    def raw(self) -> str:
        """The text of the server's answer, whole."""
        return self.answered.text


Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Replayed:
    """The readings of one (model, question), in order of `i`: arrays of equal length.

    `odds` holds those of the draws that came with any, by their number; `mark` tells copies of
    earlier replies (see `copies`).
    """

    i: Ints
    kind: npt.NDArray[np.int8]
    outcome: npt.NDArray[np.int32]
    position: npt.NDArray[np.int16]
    mark: Ints
    odds: Mapping[int, Odds] = field(default_factory=dict)


@dataclass(frozen=True)
class Stop:
    """How a model's part in a question ended: after `at` draws of `kept`, why, and the verdict.

    `copied`: how many replies before that were copies of earlier ones, and so no draws.
    """

    model: str
    question: str
    at: int
    kept: int
    why: str
    verdict: str
    fault: str = ""
    copied: int = 0

    def to_json(self) -> Mapping[str, Any]:
        """Return it as JSON values."""
        return vars(self).copy()


_LIKELY = b"""\
", "refusal": null, "reasoning": null}], "logprobs": null, "native_finish_reason": "stop", \
"provider": "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}, \
"completion_tokens_details": {"reasoning_tokens": 0}, "system_fingerprint": "fp_", \
"cost_details": {"upstream_inference_cost": null}, "is_byok": false, "cost": 0.0000\
"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 1}}\
{"id": "chatcmpl-gen-", "object": "chat.completion", "created": 17, "model": "\
", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Output: \
"}, "finish_reason": "stop", "length"}], "Explanations: "a", "b"}\
"""
"""What answers of servers are likely to hold; a part of the format, never to be changed."""


def packed(text: str) -> bytes:
    """Return a text compressed; `unpacked` inverts it."""
    maker = zlib.compressobj(1, zdict=_LIKELY)
    return maker.compress(text.encode("utf-8", "surrogatepass")) + maker.flush()


def unpacked(body: bytes) -> str:
    """Return the text that `packed` compressed.

    >>> unpacked(packed('{"id": "x"}'))
    '{"id": "x"}'
    """
    return zlib.decompressobj(zdict=_LIKELY).decompress(body).decode("utf-8", "surrogatepass")
