"""The token trie against plain enumeration: masses, next tokens, collisions, limits."""

import math
from typing import Any

import numpy as np
import pytest

from evenodds.distributions import Pmf, parse
from evenodds.errors import FormatError, TooLargeError
from evenodds.models.base import Decoding
from evenodds.models.scripted import Scripted
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.tasks.trie import TokenTrie, token_trie

SCORER = Scripted("any", Pmf({"4": 1}))


class Pairs(Scripted):
    """A model whose tokens are pairs of characters, so that "10" does not begin with "1"."""

    def spell(self, prompt: str, reply: str, decoding: Decoding) -> tuple[int, ...]:
        pairs = (reply[i : i + 2] for i in range(0, len(reply), 2))
        return (*(int.from_bytes(pair.encode("utf-32-le"), "little") for pair in pairs), 0x110000)


SCORERS = [SCORER, Pairs("pairs", Pmf({"4": 1}))]

TARGETS = [
    "uniform(1, 6)",
    "uniform(1, 120)",
    'dice("3d6")',
    "coin(0.3)",
    'weighted({"a": 1, "ab": 2, "abc": 4})',
    "binomial(12, 0.25)",
    'shuffle("a", "b", "c", "d")',
    "sequence(coin(0.8), 4)",
]
FORMATS = [AnswerFormat(), AnswerFormat("tag"), AnswerFormat("json", "roll")]


def _paths(trie: TokenTrie) -> dict[tuple[int, ...], Any]:
    return {trie.tree.path(node): x for node, x in trie.outcome.items()}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("answer_format", FORMATS)
@pytest.mark.parametrize("scorer", SCORERS, ids=lambda scorer: scorer.name)
def test_every_node_has_the_mass_of_the_answers_below_it(
    target: str, answer_format: AnswerFormat, scorer: Scripted
) -> None:
    task = Task("Draw one.", parse(target), answer_format)
    trie = token_trie(task, scorer)
    fair = {scorer.spell("", answer_format.spellings(x)[0], Decoding()): p
            for x, p in task.law.pmf().probs().items()}  # fmt: skip
    for node in range(len(trie)):
        path = trie.tree.path(node)
        below = math.fsum(p for other, p in fair.items() if other[: len(path)] == path)
        assert math.isclose(trie.mass[node], below, abs_tol=1e-12)
    assert math.isclose(trie.mass[0], 1.0, abs_tol=1e-12)
    assert _paths(trie) == {
        scorer.spell("", answer_format.spellings(x)[0], Decoding()): x for x in task.law.pmf()
    }


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("spellings", ["canonical", "all"])
@pytest.mark.parametrize("scorer", SCORERS, ids=lambda scorer: scorer.name)
def test_next_tokens_multiply_to_the_target(target: str, spellings: Any, scorer: Scripted) -> None:
    task = Task("Draw one.", parse(target))
    trie = token_trie(task, scorer, spellings=spellings)
    probability = np.ones(len(trie))
    for node in range(1, len(trie)):
        parent = trie.tree.parent[node]
        probability[node] = probability[parent] * trie.next_target(parent).get(
            trie.tree.token[node], 0.0
        )
    reached = dict.fromkeys(task.law.pmf(), 0.0)
    for node, x in trie.outcome.items():
        reached[x] += probability[node]
    for x, p in task.law.pmf().probs().items():
        assert math.isclose(reached[x], p, abs_tol=1e-12)
    for node, target_law in trie.branches():
        assert math.isclose(sum(target_law.values()), 1.0, abs_tol=1e-12)
        assert trie.mass[node] > 0


def test_all_spellings_hold_the_canonical_ones_and_read_back() -> None:
    task = Task("Roll a die.", parse("uniform(1, 6)"))
    paths = _paths(token_trie(task, SCORER, spellings="all"))
    assert _paths(token_trie(task, SCORER)).items() <= paths.items()
    assert {SCORER.text(path) for path, x in paths.items() if x == 4} >= {"4", "4.", "four"}
    assert all(task.parse(SCORER.text(path)).outcome == x for path, x in paths.items())  # type: ignore[union-attr]


def test_a_prefill_that_begins_an_answer_is_taken_off() -> None:
    task = Task("Roll a die.", parse("uniform(1, 6)"), AnswerFormat("tag"))
    trie = token_trie(task, SCORER, Decoding(prefill="<answer>"))
    assert {SCORER.text(path) for path in _paths(trie)} == {f"{x}</answer>" for x in range(1, 7)}


class Blind(Scripted):
    """A model whose tokenizer writes every digit as the same token."""

    def spell(self, prompt: str, reply: str, decoding: Decoding) -> tuple[int, ...]:
        return super().spell(prompt, "".join("#" if c.isdigit() else c for c in reply), decoding)


class Wordless(Scripted):
    """A model whose tokenizer has no letters."""

    def spell(self, prompt: str, reply: str, decoding: Decoding) -> tuple[int, ...]:
        if any(c.isalpha() for c in reply):
            raise FormatError("no letters")
        return super().spell(prompt, reply, decoding)


def test_two_outcomes_on_one_path_are_refused() -> None:
    task = Task("Roll a die.", parse("uniform(1, 6)"))
    with pytest.raises(FormatError, match="same tokens"):
        token_trie(task, Blind("blind", Pmf({"4": 1})))


def test_a_variant_beyond_the_tokenizer_is_left_out_but_a_canonical_answer_is_refused() -> None:
    wordless = Wordless("wordless", Pmf({"4": 1}))
    trie = token_trie(Task("Roll.", parse("uniform(1, 6)")), wordless, spellings="all")
    assert not any(wordless.text(path).isalpha() for path in _paths(trie))
    with pytest.raises(FormatError):
        token_trie(Task("Flip.", parse("coin(0.5)")), wordless)


@pytest.mark.parametrize("target", ["uniform(1, 200)", "shuffle([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])"])
def test_more_outcomes_than_the_limit_are_refused(target: str) -> None:
    with pytest.raises(TooLargeError, match="limit"):
        token_trie(Task("Draw.", parse(target)), SCORER, limit=100)
