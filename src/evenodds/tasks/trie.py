"""The token trie: a task's fair answers laid over the tokens a model would write them with.

This is the type that joins the two halves of the project. Exact measurement walks its prefix tree
and adds up what a model puts on each outcome; the matching loss learns, at every node, the fair
law of the next token. The mass of a node is the sum of its children's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from evenodds.distributions import Pmf
from evenodds.errors import FormatError, ModelError, TooLargeError
from evenodds.models.base import Decoding, PrefixTree, Scorer
from evenodds.tasks.task import Task

__all__ = ["TRIE_LIMIT", "TokenTrie", "token_trie"]

PLAIN = Decoding()

TRIE_LIMIT = 20_000
"""Outcomes of a law that are laid out as a trie unless more are asked for."""


@dataclass(frozen=True)
class TokenTrie:
    """Token paths of a task's outcomes, each with its end-of-turn token, and their fair masses.

    `mass[node]` is the target probability of all canonical answers below the node: 1 at the root, 0
    on paths that only other spellings take. `outcome` maps terminal nodes to outcomes.
    """

    tree: PrefixTree
    mass: npt.NDArray[np.float64]
    outcome: Mapping[int, Any]

    def __len__(self) -> int:
        """Nodes, the root included."""
        return len(self.tree)

    def next_target(self, node: int) -> dict[int, float]:
        """The fair law of the next token after `node`: token -> probability, summing to 1.

        Empty at a terminal node and on paths that no canonical answer takes.
        """
        below = {t: self.mass[child] for t, child in self.tree.children(node).items()}
        total = sum(below.values())
        return {t: float(m / total) for t, m in below.items() if m > 0} if total > 0 else {}

    def branches(self) -> Iterator[tuple[int, dict[int, float]]]:
        """Every node that a canonical answer passes through, with its `next_target`."""
        for node in self.tree.inner():
            if target := self.next_target(node):
                yield node, target


def token_trie(
    task: Task,
    scorer: Scorer,
    decoding: Decoding = PLAIN,
    *,
    limit: int = TRIE_LIMIT,
    spellings: Literal["canonical", "all"] = "canonical",
) -> TokenTrie:
    """Build the trie of a task for a model, in the tokenisation of the joint encoding.

    "canonical" has one path an outcome, which is what training teaches; "all" adds the paths of
    every accepted spelling, which is what measurement counts. A prefill that begins a spelling is
    taken off it. Raises `TooLargeError` for more than `limit` outcomes, `FormatError` for an
    outcome the tokenizer cannot spell and for two outcomes on one token path.
    """
    tree, outcome, masses = PrefixTree(), dict[int, Any](), dict[int, float]()
    for x, p in _listed(task, limit).probs().items():
        canonical = _after(task.format.spellings(x)[0], decoding)
        masses[_lay(tree, outcome, x, scorer.spell(task.prompt, canonical, decoding))] = p
        for text in task.format.accepted(x, task.law)[1:] if spellings == "all" else ():
            if path := _spelled(scorer, task.prompt, _after(text, decoding), decoding):
                _lay(tree, outcome, x, path)
    return TokenTrie(tree, _summed(tree, masses), outcome)


def _listed(task: Task, limit: int) -> Pmf[Any]:
    size = task.law.support_size
    if size > limit:
        raise TooLargeError(
            f"{task.target} has {size} outcomes, more than the {limit} a token trie is laid out "
            "for: raise the limit, or use draws to measure and paths to train."
        )
    return task.law.pmf(limit)


def _after(text: str, decoding: Decoding) -> str:
    """What is left to write of a reply when the prefill already stands."""
    return text.removeprefix(decoding.prefill)


def _spelled(scorer: Scorer, prompt: str, text: str, decoding: Decoding) -> tuple[int, ...] | None:
    """The path of a spelling that may be beyond the tokenizer, which is then no answer of its."""
    try:
        return scorer.spell(prompt, text, decoding)
    except (FormatError, ModelError):
        return None


def _lay(tree: PrefixTree, outcome: dict[int, Any], x: Any, path: tuple[int, ...]) -> int:
    node = tree.add(path)
    if outcome.setdefault(node, x) != x:
        raise FormatError(
            f"The outcomes {outcome[node]!r} and {x!r} are the same tokens to this model, "
            f"{list(path)}: give them texts that its tokenizer tells apart."
        )
    return node


def _summed(tree: PrefixTree, masses: Mapping[int, float]) -> npt.NDArray[np.float64]:
    """Masses of terminal nodes added up to the root; a parent stands before its children."""
    mass = np.zeros(len(tree))
    for node, p in masses.items():
        mass[node] = p
    for node in range(len(tree) - 1, 0, -1):
        mass[tree.parent[node]] += mass[node]
    return mass
