"""Small stand-ins for a run: a question, a reader, a stopper, and a caller without a server.

A reply is a pure function of the model and the request's seed, so that two runs of one seed get the
same replies, however often they were interrupted. `law[model]` is the probability of "heads".
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evenodds.models.base import Decoding, Reply
from evenodds.models.endpoint_body import reply_seed
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered
from evenodds.survey.interfaces import Asked, Reader
from evenodds.survey.model_info import CallPrices, ModelInfo

PRICES = CallPrices(1e-6, 2e-6)


def model(name: str, prices: CallPrices = PRICES) -> ModelInfo:
    return ModelInfo(name, name.split("/", maxsplit=1)[0], prices=prices)


@dataclass(frozen=True)
class Catalogue:
    models: tuple[ModelInfo, ...]


@dataclass(frozen=True)
class StandInTask:
    prompt: str


@dataclass(frozen=True)
class StandInCell:
    key: str
    task: StandInTask
    structured: bool = False
    system: str | None = None


@dataclass(frozen=True)
class Coin:
    name: str = "coin"
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = 16
    cells: tuple[StandInCell, ...] = (
        StandInCell("a", StandInTask("Flip a coin.")),
        StandInCell("b", StandInTask("Toss a coin, please.")),
    )

    def cell(self, model: str, i: int, seed: int, structured: bool) -> StandInCell:
        return self.cells[random.Random(f"{model} {i} {seed}").randrange(2)]


def read(question: Any, cell: Any, reply: Reply) -> Asked:
    if reply.finish == "length":
        return Asked("truncated", None, None)
    if reply.text not in ("heads", "tails"):
        return Asked("malformed" if reply.text else "empty", None, None)
    return Asked("outcome", int(reply.text == "tails"), None, reply.text)


READER = Reader(1, read)


@dataclass
class Lead:
    """Decides when one side leads by `by` draws; a verdict depends on the order of the draws."""

    by: int = 5
    seen: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    lead: Counter[str] = field(default_factory=Counter)

    def see(self, model: str, i: int, reading: Any) -> None:
        assert not self.done(model), "shown a draw after the verdict"
        rows = self.seen.setdefault(model, [])
        assert not rows or rows[-1][0] < i, "draws out of order"
        rows.append((i, reading.outcome))
        self.lead[model] += {0: 1, 1: -1, None: 0}[reading.outcome]

    def done(self, model: str) -> bool:
        return abs(self.lead[model]) >= self.by

    def verdict(self, model: str) -> str:
        return "biased" if self.done(model) else "undecided"


def said(model: str, seed: int, law: Mapping[str, float]) -> str:
    return "heads" if random.Random(f"{model} {seed}").random() < law[model] else "tails"


def body_of(text: str | None, cost: float | None = 1e-5, **more: Any) -> str:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {} if cost is None else {"usage": {"cost": cost}}
    return json.dumps({"choices": [{**choice, **more}], **usage})


@dataclass
class World:
    """An endpoint without a server. `trouble(model, seed, nth call)` may raise a `Fault`, or give
    another answer than the model's."""

    law: Mapping[str, float]
    latency: float = 0.0
    trouble: Callable[[str, int, int], Answered | None] = lambda model, seed, nth: None
    calls: list[tuple[str, int]] = field(default_factory=list)
    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    url: str = "http://stand.in/v1"

    def connect(self, model: ModelInfo) -> StandInCaller:
        return StandInCaller(self, model.id)


@dataclass
class StandInCaller:
    world: World
    model: str

    @property
    def url(self) -> str:
        return self.world.url

    def body(
        self, prompt: str, decoding: Decoding, seed: int, index: int, response_format: Any = None
    ) -> dict[str, Any]:
        messages = [{"role": "user", "content": prompt}]
        sent = {"max_tokens": decoding.max_new_tokens, "seed": reply_seed(seed, index)}
        return {"model": self.model, "messages": messages, **sent}

    async def ask(self, body: dict[str, Any]) -> Answered:
        world = self.world
        world.calls.append((self.model, body["seed"]))
        nth = len(world.calls)
        for name in ("", self.model):
            world.now[name] += 1
            world.most[name] = max(world.most[name], world.now[name])
        try:
            await asyncio.sleep(world.latency)
            other = world.trouble(self.model, body["seed"], nth)
        finally:
            for name in ("", self.model):
                world.now[name] -= 1
        return other or Answered(200, body_of(said(self.model, body["seed"], world.law)))

    def learn(self, body: dict[str, Any], fault: Fault) -> bool:
        return False

    def declines_format(self, body: dict[str, Any], fault: Fault) -> bool:
        return False

    async def close(self) -> None:
        return None
