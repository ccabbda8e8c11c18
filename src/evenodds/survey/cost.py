"""What a call costs: at worst before it is made, in all likelihood, and really."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from evenodds.errors import BudgetError
from evenodds.survey.model_info import CallPrices, ModelInfo

__all__ = ["Typical", "paid", "prompt_bytes", "worst"]

SLACK = 200
"""Tokens that a chat template may add to a prompt of its own."""
_LIMITS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True)
class Typical:
    """How long prompts and replies are in all likelihood; a plan says so beside its numbers.

    A token is `bytes_per_token` bytes of prompt, a template adds `template` tokens. A reply has
    `completion` tokens, of a model that thinks `reasoning` more, and never more than its limit.
    Raises BudgetError for what cannot be.
    """

    bytes_per_token: float = 4.0
    template: int = 8
    completion: int = 40
    reasoning: int = 600

    def __post_init__(self) -> None:
        """Refuse what no text has."""
        if not all(isfinite(value) and value >= 0 for value in asdict(self).values()):
            raise BudgetError("Typical numbers of tokens are finite and 0 or more: mend them.")
        if self.bytes_per_token == 0:
            raise BudgetError("A token has some bytes: give bytes_per_token above 0.")

    def prompt_tokens(self, bytes_: int) -> float:
        """Tokens of a prompt of so many bytes."""
        return bytes_ / self.bytes_per_token + self.template

    def completion_tokens(self, model: ModelInfo, max_tokens: int) -> float:
        """Tokens of a reply, thought included."""
        thought = self.reasoning if thinks(model) else 0
        return float(min(max_tokens, self.completion + thought))

    def cost(self, model: ModelInfo, bytes_: int, max_tokens: int) -> float | None:
        """Dollars of a call in all likelihood; None where the prices are unknown."""
        prices = model.prices
        if prices.prompt is None or prices.completion is None:
            return None
        said = self.completion_tokens(model, max_tokens)
        thought = max(0.0, said - self.completion) if thinks(model) else 0.0
        dearer = thought * (_dearest(prices) - prices.completion)
        prompt = self.prompt_tokens(bytes_) * prices.prompt
        return (prices.request or 0.0) + prompt + said * prices.completion + dearer

    def to_json(self) -> dict[str, float]:
        """Return the numbers as JSON values."""
        return asdict(self)


def thinks(model: ModelInfo) -> bool:
    """Whether a model thinks before it answers, by its covariate, else by what it takes."""
    stated = model.value("reasoning")
    if stated is not None:
        return bool(stated)
    return bool(model.supported & {"reasoning", "include_reasoning", "reasoning_effort"})


def prompt_bytes(body: Mapping[str, Any]) -> int:
    """Bytes that a request gives a model to read: its messages, and the shape asked for.

    >>> prompt_bytes({"messages": [{"role": "user", "content": "Flip."}]})
    5
    """
    said = sum(len(str(m.get("content") or "").encode()) for m in body.get("messages", ()))
    shape = body.get("response_format")
    return said + (len(str(shape).encode()) if shape else 0)


def worst(prices: CallPrices, bytes_: int, max_tokens: int) -> float | None:
    """Dollars of a call at worst: a token a byte, and the longest reply, all of it dearest.

    None where the prices are unknown.

    >>> worst(CallPrices(1.0, 2.0), 100, 10)
    320.0
    """
    if prices.prompt is None or prices.completion is None:
        return None
    read = (bytes_ + SLACK) * prices.prompt
    return (prices.request or 0.0) + read + max_tokens * _dearest(prices)


def worst_of(prices: CallPrices, body: Mapping[str, Any]) -> float | None:
    """Dollars of a request at worst; None where the prices are unknown."""
    longest = max(int(body.get(name) or 0) for name in _LIMITS)
    return worst(prices, prompt_bytes(body), longest)


def paid(prices: CallPrices, record: Any) -> float | None:
    """Dollars of an answer: what the server says (`usage.cost`), else its tokens' price.

    None where neither is known.

    >>> paid(CallPrices(1.0, 2.0), {"usage": {"prompt_tokens": 10, "completion_tokens": 1}})
    12.0
    >>> paid(CallPrices(), {"usage": {"cost": 0.5}}), paid(CallPrices(), {}) is None
    (0.5, True)
    """
    usage = record.get("usage") if isinstance(record, Mapping) else None
    if not isinstance(usage, Mapping):
        return None
    if (cost := _count(usage.get("cost"))) is not None:
        return cost
    tokens = [_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
    if tokens[0] is None or tokens[1] is None:
        return None
    details = usage.get("completion_tokens_details")
    thought = _count(details.get("reasoning_tokens")) if isinstance(details, Mapping) else 0.0
    return prices.cost(int(tokens[0]), int(tokens[1]), int(min(thought or 0.0, tokens[1])))


def _dearest(prices: CallPrices) -> float:
    return max(prices.completion or 0.0, prices.reasoning or 0.0)


def _count(value: Any) -> float | None:
    """A finite number of 0 or more, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        return None
    return float(value)
