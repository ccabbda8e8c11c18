"""Coefficients of the entropy bonus, and the entropy that a fair model has."""

import math

import pytest
from train_local import die_tasks, small_local

from evenodds.distributions import parse
from evenodds.models.base import Decoding, path_logprobs
from evenodds.tasks.task import Task
from evenodds.tasks.trie import token_trie
from evenodds.train.entropy_bonus import adapted, decayed, entropy_target, tokens

PLAIN = Decoding()


def test_the_adaptive_coefficient_stays_within_bounds_and_rests_above_the_target():
    coefficient, applied = 0.0, []
    for entropy in [0.1] * 10 + [0.5] * 10:
        now, coefficient = adapted(coefficient, entropy, 0.3, high=0.02, delta=0.005)
        applied.append(now)
    assert max(applied) == 0.02
    assert applied[10:] == [0.0] * 10
    assert coefficient == 0.0


def test_a_falling_coefficient_ends_at_nothing():
    assert [decayed(0.2, t) for t in (0, 0.5, 1, 2)] == pytest.approx([0.2, 0.1, 0.0, 0.0])


def test_the_entropy_of_a_fair_model_by_its_own_tokens():
    """Against the token trie: entropy and length of whole answers, node by node."""
    local, tasks = small_local(), die_tasks()
    entropy = length = 0.0
    for task in tasks:
        trie = token_trie(task, local, PLAIN)
        for node, target in trie.branches():
            entropy -= trie.mass[node] * sum(p * math.log(p) for p in target.values())
            length += trie.mass[node]
    assert entropy_target(tasks, local, PLAIN) == pytest.approx(entropy / length)


def test_tokens_of_an_answer():
    local = small_local()
    assert tokens(Task("Roll.", parse("uniform(1, 6)")), local, PLAIN) == pytest.approx(2)
    skewed = Task("Pick.", parse("weighted({1: 3, 11: 1})"))
    assert tokens(skewed, local, PLAIN) == pytest.approx(2 * 0.75 + 3 * 0.25)
    flips = Task("Flip.", parse("sequence(coin(0.5), 12)"))
    assert tokens(flips, local, PLAIN) > 12


def test_a_prefill_is_not_counted():
    local, tagged = small_local(), die_tasks()[2]
    begun = Decoding(prefill="<answer>")
    rest = len(local.spell(tagged.prompt, "4</answer>", begun))
    assert tokens(tagged, local, begun) == pytest.approx(rest)


def test_a_fair_scorer_has_that_entropy():
    """The mean log-probability of a token of fair answers under the fair law is the target."""
    local, task = small_local(), die_tasks()[2]
    trie = token_trie(task, local, PLAIN)
    total = path_logprobs(trie.tree, _fair(trie))
    mean = sum(trie.mass[node] * -total[node] for node in trie.outcome)
    assert mean / tokens(task, local, PLAIN) == pytest.approx(entropy_target([task], local, PLAIN))


def _fair(trie):
    import numpy as np

    steps = np.zeros(len(trie))
    for node, target in trie.branches():
        for token, p in target.items():
            steps[trie.tree.children(node)[token]] = math.log(p)
    return steps
