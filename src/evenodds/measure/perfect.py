"""What decoding settings alone do to a model that is perfectly fair.

A model whose every next token has exactly the right probability still shows a wrong law once
temperature, top_k, top_p or min_p act on its tokens: top_p=.95 over 100
equal tokens drops five of them. Two views: every outcome is one token, which is the best that an
unseen tokenizer allows; or outcomes are spelled in a model's own tokens, where the transforms act
at every token and a temperature on "1" then "0" is no temperature on 10.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from evenodds.distributions import Law
from evenodds.distributions.distance import tv
from evenodds.errors import FormatError, ModelError, TooLargeError
from evenodds.measure.cells import Floats
from evenodds.measure.record import Statistic
from evenodds.models.base import Decoding, Sampler, Scorer
from evenodds.models.decoding import normalise, transform
from evenodds.tasks.task import Task
from evenodds.tasks.trie import token_trie

__all__ = ["Perfect", "perfect_outcomes", "perfect_statistics", "perfect_tokens"]

T = TypeVar("T", bound=Hashable)

LIMIT = 10_000
"""Outcomes of a law that are decoded unless more are asked for."""

_SPACING = 1e-13  # nats between probabilities that tie; floats near 10 are 2e-15 apart


@dataclass(frozen=True)
class Perfect:
    """The law that a perfectly fair model shows under some settings, and its tv from the target.

    `law`: outcome -> probability, 0 for outcomes that can no longer come.
    """

    law: Mapping[Any, float]
    tv: float
    view: Literal["outcomes", "tokens"]

    @property
    def lost(self) -> int:
        """Outcomes that can no longer come."""
        return sum(p == 0 for p in self.law.values())


def perfect_outcomes(law: Law, decoding: Decoding, limit: int = LIMIT) -> Perfect:
    """What remains of a law whose every outcome is one token.

    Probabilities that tie are taken to differ by a hair, the first listed being the largest, for
    no network's ever tie. Raises `TooLargeError` for more than `limit` outcomes.

    >>> from evenodds.distributions import parse
    >>> round(perfect_outcomes(parse("uniform(1, 100)").law, Decoding(top_p=0.95)).tv, 9)
    0.05
    """
    fair = law.pmf(limit).probs()
    return _perfect(fair, decoded(fair, decoding), "outcomes")


def perfect_tokens(task: Task, scorer: Scorer, decoding: Decoding, limit: int = LIMIT) -> Perfect:
    """What remains of a task's law when a model spells its outcomes, token by token.

    The model is taken to write canonical spellings alone, each token with its exact conditional
    probability. Raises `TooLargeError` for more than `limit` outcomes, `FormatError` for an
    outcome that the tokenizer cannot spell.
    """
    trie = token_trie(task, scorer, decoding, limit=limit)
    mass = np.zeros(len(trie))
    mass[0] = 1.0
    for node, target in sorted(trie.branches()):
        for token, p in decoded(target, decoding).items():
            mass[trie.tree.children(node)[token]] = mass[node] * p
    law = {outcome: float(mass[node]) for node, outcome in trie.outcome.items()}
    return _perfect(task.law.pmf(limit).probs(), law, "tokens")


def perfect_statistics(task: Task, decoding: Decoding, model: Sampler) -> dict[str, Statistic]:
    """The statistic "tv_perfect": the tv that these settings alone cost; none for plain sampling.

    By the model's tokens where it is a `Scorer`, else by outcomes; none for a law that is too
    large to list.
    """
    if decoding.is_plain:
        return {}
    try:
        return {"tv_perfect": Statistic(_best_known(task, decoding, model).tv)}
    except TooLargeError:
        return {}


def _best_known(task: Task, decoding: Decoding, model: Sampler) -> Perfect:
    if isinstance(model, Scorer):
        try:
            return perfect_tokens(task, model, decoding)
        except (FormatError, ModelError):
            pass  # what it cannot spell, it cannot be asked to spell fairly
    return perfect_outcomes(task.law, decoding)


def decoded(law: Mapping[T, float], decoding: Decoding) -> dict[T, float]:
    """A law over single tokens after the transforms; ties broken in the order of the mapping.

    >>> kept = decoded({"a": 0.5, "b": 0.25, "c": 0.25}, Decoding(top_k=2))
    >>> {name: round(p, 3) for name, p in kept.items()}
    {'a': 0.667, 'b': 0.333, 'c': 0.0}
    """
    logs: Floats = np.log(np.array([*law.values()]))
    apart = logs - _SPACING * np.arange(len(logs))
    left = np.isfinite(transform(apart, decoding))
    if decoding.temperature > 0:
        logs = logs / decoding.temperature
    probs = np.exp(normalise(np.where(left, logs, -np.inf)))
    return dict(zip(law, probs.tolist(), strict=True))


def _perfect(
    fair: Mapping[Any, float], law: Mapping[Any, float], view: Literal["outcomes", "tokens"]
) -> Perfect:
    return Perfect({outcome: law[outcome] for outcome in fair}, tv(fair, law), view)
