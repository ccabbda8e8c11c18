"""An endpoint that is paid from a budget, and may be asked for JSON of a given shape."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from threading import Lock
from typing import Any

from evenodds.errors import ModelError
from evenodds.ledger import Budget
from evenodds.models.base import Decoding, Reply, Turn
from evenodds.models.endpoint import Endpoint
from evenodds.models.endpoint_body import LIMITS, Body, messages, refused_field
from evenodds.models.endpoint_fault import Fault, words
from evenodds.models.endpoint_loop import Loop

__all__ = ["PaidEndpoint", "Prices"]

_SLACK = 200
"""Tokens that a chat template may add to a prompt of its own."""
_POLL = 0.05
"""Seconds between two looks at a budget that waits for calls under way."""
_SCHEMA_WORDS = re.compile(
    r"response.?format|json.?(?:schema|mode|object)|structured|grammar|guided", re.IGNORECASE
)


@dataclass(frozen=True)
class Prices:
    """Dollars for a million tokens of prompt (`input`) and of reply (`output`); None is unknown.

    Raises ModelError for one that is negative or without the other.

    >>> Prices(1.0, 2.0).paid({"usage": {"prompt_tokens": 1000, "completion_tokens": 100}})
    0.0012
    >>> Prices().paid({"usage": {"cost": 0.5}}), Prices().paid({}) is None
    (0.5, True)
    """

    input: float | None = None
    output: float | None = None

    def __post_init__(self) -> None:
        """Refuse half a price and negative ones."""
        given = [price for price in (self.input, self.output) if price is not None]
        if len(given) == 1 or not all(isfinite(price) and price >= 0 for price in given):
            raise ModelError(
                f"Prices of {self.input} and {self.output} cannot be: give dollars for a million "
                "tokens of prompt, and of reply, both 0 or more."
            )

    @property
    def known(self) -> bool:
        """Whether the worst case of a call can be told."""
        return self.input is not None

    def worst(self, body: Mapping[str, Any]) -> float:
        """The dollars of a request at worst: a token a byte, and the longest reply it allows."""
        if self.input is None or self.output is None:
            return 0.0
        size = len(json.dumps(dict(body), ensure_ascii=False, default=dict).encode()) + _SLACK
        longest = max(int(body.get(name) or 0) for name in LIMITS)
        return (size * self.input + longest * self.output) / 1e6

    def paid(self, raw: Mapping[str, Any] | None) -> float | None:
        """The dollars of a reply: what the server says (`usage.cost`), else its tokens' price.

        None where neither is known.
        """
        usage = (raw or {}).get("usage")
        usage = usage if isinstance(usage, Mapping) else {}
        if (cost := _count(usage.get("cost"))) is not None:
            return cost
        tokens = [_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
        if self.input is None or self.output is None or tokens[0] is None or tokens[1] is None:
            return None
        return (tokens[0] * self.input + tokens[1] * self.output) / 1e6


def _count(value: Any) -> float | None:
    """A finite number of 0 or more, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        return None
    return float(value)


class PaidEndpoint(Endpoint):
    """An `Endpoint` whose every request, repeated ones too, is paid from `budget` beforehand.

    A request reserves its worst case at `prices` and settles what it cost. Refused ones (4xx, 5xx)
    cost nothing; one that brought no reply in another way (a timeout, a torn body) counts in full,
    since it may have been billed. Where the budget does not cover the next request, BudgetError is
    raised after the calls under way. `schema` is a `response_format` that is asked for where the
    server takes it: `declined` holds its words where it does not. Further options are those of
    `Endpoint`.
    """

    def __init__(
        self,
        model: str,
        url: str,
        *,
        budget: Budget,
        prices: Prices = Prices(),
        schema: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(model, url, **options)
        if budget.limit is not None and not prices.known:
            raise ModelError(
                f"A budget needs the prices of {model}, to know a call's cost before it is made: "
                "give dollars for a million tokens of prompt and of reply."
            )
        self.budget, self.prices = budget, prices
        self.schema = None if schema is None else dict(schema)
        self.declined: str | None = None
        self._opening = Lock()

    def worst(self, turns: tuple[Turn, ...], decoding: Decoding) -> float:
        """The dollars that one reply to a conversation costs at worst, when it comes at once."""
        said = messages(turns, decoding, prefill=self.options.prefill)
        own = self.options.fields(self.url)
        body = self.support.body(self.name, said, decoding, 0, own)
        return self.prices.worst(self._wished(body))

    def settings(self) -> dict[str, Any]:
        """Return the endpoint's settings, with the shape that is asked for."""
        return {**super().settings(), "schema": self.schema}

    def describe(self) -> dict[str, Any]:
        """Return the settings with what was learnt, as JSON values."""
        return {**super().describe(), "declined": self.declined}

    def _opened(self) -> Loop:
        with self._opening:  # several threads may ask at a time
            return super()._opened()

    def _wished(self, body: Body) -> Body:
        if self.schema is None or self.declined is not None:
            return body
        return {**body, "response_format": self.schema}

    async def _ask(self, body: Body) -> Reply:
        wished = self._wished(body)
        try:
            return await self._paid(wished)
        except Fault as fault:
            if wished is body or not _declines(fault, wished):
                raise
            self.declined = words(fault.body, 160)
            return await self._paid(body)

    async def _paid(self, body: Body) -> Reply:
        """Return the reply to a request that the budget covers."""
        worst = self.prices.worst(body)
        while (ticket := self.budget.reserve(worst)) is None:
            await asyncio.sleep(_POLL)
        cost = worst
        try:
            reply = await super()._ask(body)
            paid = self.prices.paid(reply.raw)
            cost = worst if paid is None else paid
            return reply
        except Fault as fault:
            cost = self._lost(fault, worst)
            raise
        finally:
            self.budget.settle(ticket, cost)

    def _lost(self, fault: Fault, worst: float) -> float:
        """What a request without a reply cost."""
        body = fault.body if isinstance(fault.body, Mapping) else None
        paid = self.prices.paid(body)
        if paid is not None:
            return paid
        refused = fault.status is not None and fault.status >= 400
        return 0.0 if refused or not fault.sent else worst


def _declines(fault: Fault, body: Body) -> bool:
    """Whether a refusal may be about the shape of the reply: it names that, or nothing else."""
    told = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
    if fault.status in (400, 422):
        return refused_field(body, fault) in (None, "response_format")
    return fault.status in (403, 404, 500, 501) and bool(_SCHEMA_WORDS.search(told))
