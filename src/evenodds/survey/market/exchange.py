"""From a request to what is sent: the reply or the fault, how late, and what it costs."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evenodds.survey.market.bill import Bill, Row
from evenodds.survey.market.chance import chances, key_hash
from evenodds.survey.market.faults import TRANSPORT
from evenodds.survey.market.memory import remembered
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.reply import Drawn, drawn_reply, prompt_of, written
from evenodds.survey.market.setup import Setup

__all__ = ["Exchange", "Sent"]

_BURST = 2.0
"""Seconds of its calls that a limited model takes at once."""
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes out after `delay` seconds. `torn`: nothing does, the connection is reset."""

    status: int
    body: bytes
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    torn: bool = False
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """A request to a model; with the market's seed, its reply follows from `key`."""

    model: MarketModel
    request: Mapping[str, Any]
    prompt: str
    draw: object

    @property
    def key(self) -> tuple[object, ...]:
        return (self.model.id, self.prompt, self.draw)


class Exchange:
    """The market's desk: answers requests, counts attempts, writes the bill.

    A reply is a function of market seed, model, prompt and the request's seed; without a seed, or
    for a model that ignores it, of how often the prompt came before. `now` tells the time in
    seconds.
    """

    def __init__(self, setup: Setup, now: Callable[[], float] = time.monotonic) -> None:
        self.setup, self.now = setup, now
        self.models = setup.market_models()
        self.bill = Bill(setup.keep)
        self._attempts: Counter[int] = Counter()
        self._tokens: dict[str, tuple[float, float]] = {}

    def listing(self) -> dict[str, Any]:
        """The `/models` listing."""
        return {"data": [model.listed() for model in self.models.values()]}

    def truth(self) -> dict[str, Any]:
        """Setup, true models and accounts."""
        return {
            "setup": self.setup.to_json(),
            "models": {name: model.to_json() for name, model in self.models.items()},
            "bill": self.bill.to_json(),
            "dollars": self.bill.dollars,
        }

    def answer(self, body: bytes) -> Sent:
        """What is sent for the body of a chat completion's request."""
        try:
            request = json.loads(body)
            prompt, name = prompt_of(request), request["model"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return _error(400, "The body is no request of a chat completion.")
        model = self.models.get(name)
        if model is None:
            return _error(404, f"No endpoints found for {str(name)[:80]}.")
        return self._of(model, request, prompt)

    def _of(self, model: MarketModel, request: Mapping[str, Any], prompt: str) -> Sent:
        if model.dead:
            self._write("", model, f"dead: {model.dead}")
            down = _error(503, "The model is not available.")
            return down if model.dead == "down" else Sent(0, b"", hangs=True)
        refused = "response_format" in request and "response_format" not in model.supported
        if refused and model.polite:
            self._write("", model, "unsupported")
            return _error(400, "response_format is not supported here.", "response_format")
        if (wait := self._over(model)) is not None:
            self._write("", model, "limited")
            return _error(429, "Rate limit exceeded.", wait=wait)
        return self._sent(_Call(model, request, prompt, self._draw(model, request, prompt)))

    def _draw(self, model: MarketModel, request: Mapping[str, Any], prompt: str) -> object:
        """What the reply hangs on besides model and prompt."""
        if model.seeded and isinstance(seed := request.get("seed"), int):
            return seed
        key = hash((model.id, prompt))
        self._attempts[key] += 1
        return f"call {self._attempts[key]}"

    def _fault(self, call: _Call) -> tuple[str, int]:
        """The fault of this attempt ("" for none), and the attempt's number."""
        key = hash((call.model.id, call.prompt, call.draw, "attempt"))
        self._attempts[key] += 1
        attempt = self._attempts[key]
        if not call.model.rates:
            return "", attempt
        u = chances(self.setup.seed, *call.key, "fault", attempt)[0]
        for name in TRANSPORT:
            u -= call.model.rates.get(name, 0.0)
            if u < 0:
                return name, attempt
        return "", attempt

    def _sent(self, call: _Call) -> Sent:
        fault, attempt = self._fault(call)
        model, seed = call.model, self.setup.seed
        u = chances(seed, *call.key, "way")
        delay = self._delay(model, u[0])
        if fault in _REFUSED:
            self._write("", model, fault)
            status, said, headers = _REFUSED[fault]
            return Sent(status, said, delay / 10, headers, torn=fault == "reset")
        if repeated := u[1] < model.rates.get("repeated", 0.0):
            call = replace(call, draw="cached")
        drawn = drawn_reply(model, call.request, call.prompt, seed, call.draw)
        if drawn.kind == "outcome" and (told := remembered(self.models, call.prompt)) is not None:
            drawn = written(told, drawn.thoughts, call.request)
        name = "gen-" + key_hash(seed, *call.key) + ("" if repeated else f"-{attempt}")
        record, dollars = self._record(name, call, drawn, u[2])
        self._write(name, model, fault or drawn.kind, dollars, whole=not fault)
        data = json.dumps(record, separators=(",", ":")).encode()
        if fault == "stall":
            return Sent(0, b"", hangs=True)
        return Sent(200, data[: len(data) // 2] if fault == "torn" else data, delay)

    def _record(
        self, name: str, call: _Call, drawn: Drawn, u: float
    ) -> tuple[dict[str, Any], float]:
        """The body of a reply and its price, the same that its tokens and the listing give."""
        model, tokens = call.model, 8 + len(call.prompt) // 4
        dollars = model.prices.cost(tokens, drawn.tokens) or 0.0
        record = {
            "id": name,
            "object": "chat.completion",
            "created": 1_750_000_000,
            "model": model.id,
            "provider": "market",
            "choices": [drawn.choice()],
        }
        if u >= model.rates.get("no_usage", 0.0):
            record["usage"] = {
                "prompt_tokens": tokens,
                "completion_tokens": drawn.tokens,
                "total_tokens": tokens + drawn.tokens,
                "completion_tokens_details": {"reasoning_tokens": drawn.thoughts},
                **({"cost": dollars} if model.tells_cost else {}),
            }
        return record, dollars

    def _delay(self, model: MarketModel, u: float) -> float:
        if not self.setup.jitter:
            return self.setup.latency
        return self.setup.latency * model.latency * (1 + self.setup.jitter * (2 * u - 1))

    def _over(self, model: MarketModel) -> float | None:
        """Seconds to wait where a model is asked more often than it answers, else None."""
        rate = model.calls_a_second
        if rate is None:
            return None
        now, most = self.now(), max(1.0, _BURST * rate)
        left, before = self._tokens.get(model.id, (most, now))
        left = min(most, left + (now - before) * rate)
        self._tokens[model.id] = (left - (left >= 1), now)
        return None if left >= 1 else (1 - left) / rate

    def _write(
        self, name: str, model: MarketModel, kind: str, dollars: float = 0.0, whole: bool = False
    ) -> None:
        self.bill.add(Row(name, model.id, kind, dollars, whole))


def _said(message: str, code: int) -> bytes:
    return json.dumps({"error": {"message": message, "code": code}}).encode()


def _error(status: int, message: str, param: str | None = None, wait: float | None = None) -> Sent:
    body = {"error": {"message": message, "code": status, "param": param}}
    headers = {} if wait is None else {"Retry-After": f"{wait:.3f}"}
    return Sent(status, json.dumps(body).encode(), headers=headers)


_REFUSED: Mapping[str, tuple[int, bytes, Mapping[str, str]]] = {
    "busy": (429, _said("Too many requests.", 429), {"Retry-After": "0.05"}),
    "busy_silent": (429, _said("Provider returned error", 429), {}),
    "error": (500, _said("Internal server error.", 500), {}),
    "gateway": (502, _PAGE, {"Content-Type": "text/html"}),
    "error_200": (200, _said("The provider went away.", 502), {}),
    "reset": (0, b"", {}),
}
