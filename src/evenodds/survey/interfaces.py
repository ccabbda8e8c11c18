"""What a run asks of a question, of its reader, of a stopper and of a caller; and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from evenodds.models.base import Decoding, Reply
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered
from evenodds.survey.store_rows import Odds, Replayed

__all__ = ["KINDS", "Asked", "Caller", "CellLike", "QuestionLike", "Reader", "StopperLike"]

KINDS = ("outcome", "off_support", "malformed", "refused", "filtered", "truncated", "empty")
"""What a reply can be; its place here is its code in the ledger, so nothing may be moved."""

Body = dict[str, Any]


class TaskLike(Protocol):
    """Something with a prompt."""

    @property
    def prompt(self) -> str:
        """What is asked."""
        ...


class CellLike(Protocol):
    """One way of asking a question: `SurveyCell`."""

    @property
    def key(self) -> str:
        """Names the cell."""
        ...

    @property
    def task(self) -> TaskLike:
        """What is asked."""
        ...

    @property
    def structured(self) -> bool:
        """Whether a reply of a given shape is asked for."""
        ...

    @property
    def system(self) -> str | None:
        """The system message, if any."""
        ...


class QuestionLike(Protocol):
    """What is asked of every model: `SurveyQuestion`."""

    @property
    def name(self) -> str:
        """Names the question."""
        ...

    @property
    def decoding(self) -> Decoding:
        """How replies are drawn."""
        ...

    @property
    def max_tokens(self) -> int:
        """The longest reply."""
        ...

    def cell(self, model: str, i: int, seed: int, structured: bool) -> CellLike:
        """The cell of draw i: a pure function of its arguments."""
        ...


class ReadingLike(Protocol):
    """What a reply came to: `Reading`."""

    @property
    def kind(self) -> str:
        """One of KINDS."""
        ...

    @property
    def outcome(self) -> int | None:
        """The index of the outcome in the question's law."""
        ...

    @property
    def position(self) -> int | None:
        """Where the outcome stood among those shown."""
        ...

    @property
    def odds(self) -> Odds:
        """The odds that the outcome came with; empty where none were shown."""
        ...


@dataclass(frozen=True)
class Asked:
    """A reading as the ledger holds it: without the text, which the raw reply still has."""

    kind: str
    outcome: int | None
    position: int | None
    text: str = ""
    odds: Odds = ()


@dataclass(frozen=True)
class Reader:
    """A pure function from (question, cell, reply) to a reading, and its version.

    A ledger read by another version is read anew from the raw replies, for nothing.
    """

    version: int
    read: Callable[[Any, Any, Reply], ReadingLike]


class StopperLike(Protocol):
    """When a model's question is decided: `Stopper`.

    One that also has `see_many(model, indices, kinds, outcomes, positions, odds) -> int` (arrays;
    codes of KINDS, -1 for none; odds by index; how many it saw until it was done) is shown a
    ledger's past at once.
    """

    def see(self, model: str, i: int, reading: Any) -> None:
        """Take a reading, in order of i."""
        ...

    def done(self, model: str) -> bool:
        """Whether a model need not be asked again."""
        ...

    def verdict(self, model: str) -> Any:
        """The verdict so far."""
        ...


class Caller(Protocol):
    """One model at one endpoint: `ModelCaller`. Those with the same `url` share its manners."""

    @property
    def url(self) -> str:
        """Names the endpoint."""
        ...

    def body(
        self,
        prompt: str,
        decoding: Decoding,
        seed: int,
        index: int,
        response_format: Mapping[str, Any] | None = None,
    ) -> Body:
        """The request for reply `index` of a series with `seed`."""
        ...

    async def ask(self, body: Body) -> Answered:
        """Return the answer to a request, made once. Raises `Fault`."""
        ...

    def learn(self, body: Body, fault: Fault) -> bool:
        """Whether a refusal taught to ask otherwise. Raises `Fault` where it never will."""
        ...

    def declines_format(self, body: Body, fault: Fault) -> bool:
        """Whether a refusal is about the shape of the reply."""
        ...

    async def close(self) -> None:
        """Close its connections, at the end of a run; twice does no harm."""
        ...


def coded(reading: ReadingLike) -> tuple[int, int, int, Odds]:
    """A reading as (kind, outcome, position) in whole numbers, -1 for none, and its odds."""
    outcome = -1 if reading.outcome is None else int(reading.outcome)
    position = -1 if reading.position is None else int(reading.position)
    return KINDS.index(reading.kind), outcome, position, tuple(reading.odds)


def decoded(replayed: Replayed, place: int) -> Asked:
    """The reading at one place of what a ledger holds."""
    outcome, position = int(replayed.outcome[place]), int(replayed.position[place])
    return Asked(
        KINDS[int(replayed.kind[place])],
        None if outcome < 0 else outcome,
        None if position < 0 else position,
        odds=replayed.odds.get(int(replayed.i[place]), ()),
    )
