"""What a simulated model answers: its law over the options of a prompt, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evenodds.survey.market.chance import chances
from evenodds.survey.market.faults import REPLIES
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.prompt import Asked, read_prompt

__all__ = ["Law", "chosen", "law"]


@dataclass(frozen=True)
class Law:
    """Options in the order named, the probability of each given a valid answer, and `invalid`.

    `invalid`: the probability of a reply that is no outcome (refused, malformed, empty, ...).
    """

    options: tuple[str, ...]
    probs: tuple[float, ...]
    invalid: float

    def prob(self, option: str) -> float:
        """The probability of an option among valid answers, 0 for one that was not offered."""
        return dict(zip(self.options, self.probs, strict=True)).get(option, 0.0)


def law(
    model: MarketModel, prompt: str, *, structured: bool = False, temperature: float = 1.0
) -> Law:
    """The exact law of one draw of a model for a prompt.

    Over the orders of two options the mean probability of the favourite is .5 + bias exactly: what
    is added for its place or its word is at most what is left on either side.
    """
    asked = read_prompt(prompt)
    probs = chosen(model, asked, structured=structured, temperature=temperature)
    return Law(asked.options, tuple(probs), sum(model.rates.get(name, 0.0) for name in REPLIES))


def chosen(
    model: MarketModel, asked: Asked, *, structured: bool = False, temperature: float = 1.0
) -> list[float]:
    """The probabilities of the options of a prompt, in the order named."""
    many = len(asked.options)
    if not many:
        return []
    own = _own_order(asked.options)
    bias = min(0.5, max(0.0, model.bias + (model.schema if structured else 0.0)))
    probs = [(1 - 2 * bias) * chance for chance in asked.chances]
    probs[own[min(many - 1, int(model.favourite * many))]] += 2 * bias
    probs = _of_two(model, asked.options, own, probs) if many == 2 else _of_many(model, probs)
    return _decoded(probs, 0.0 if model.greedy else temperature)


def _own_order(options: Sequence[str]) -> list[int]:
    """Places of the options in their own order: by size if all are whole numbers, else by text."""
    numbers = all(option.removeprefix("-").isdecimal() for option in options)
    return sorted(
        range(len(options)), key=lambda i: (int(options[i]), "") if numbers else (0, options[i])
    )


def _of_two(
    model: MarketModel, options: Sequence[str], own: Sequence[int], probs: list[float]
) -> list[float]:
    """Two options: what the word adds, then what the place adds, never past what is left."""
    first = probs[0]
    if model.label and not all(option.isdecimal() for option in options):
        likes = 1 if chances(model.id, options[own[0]], options[own[1]])[0] < 0.5 else -1
        toward = likes if own[0] == 0 else -likes
        first += toward * min(model.label, first, 1 - first)
    place = 1 if model.position > 0 else -1
    first += place * min(abs(model.position), first, 1 - first)
    return [first, 1 - first]


def _of_many(model: MarketModel, probs: list[float]) -> list[float]:
    """More options: with probability 2 |position| the first (the last), else the law."""
    share = min(1.0, 2 * abs(model.position))
    probs = [(1 - share) * prob for prob in probs]
    probs[0 if model.position > 0 else -1] += share
    return probs


def _decoded(probs: list[float], temperature: float) -> list[float]:
    if temperature == 1:
        return probs
    if temperature == 0:
        best = probs.index(max(probs))
        return [1.0 if i == best else 0.0 for i in range(len(probs))]
    top = max(probs)
    raised = [(prob / top) ** (1 / temperature) for prob in probs]
    return [each / sum(raised) for each in raised]
