"""Ordinary instructions: their exact probability, and how much of a model's own answers is kept."""

import math

import pytest
import torch
from train_local import small_local

from evenodds.models.base import Decoding, PrefixTree
from evenodds.models.load import load_model
from evenodds.train.control import KNOWN, NEW, Control, asked, control, rehearsal, rightly
from evenodds.train.probe import probe
from evenodds.train.replay import everyday_prompts

PLAIN = Decoding()


@pytest.fixture(scope="module")
def tiny():
    return load_model("tiny")


def probability(local, prompt, reply):
    """One walk for one reply: the slow obvious way."""
    tree = PrefixTree()
    tree.add(local.spell(prompt, reply, PLAIN))
    return math.exp(local.walk(local.context(prompt, PLAIN), tree, PLAIN).logprob.sum())


def test_the_mean_probability_is_that_of_one_walk_a_question(tiny):
    questions = asked(tiny, [], 0, 12)
    found = rightly(tiny, questions)
    for kind, pairs in questions.items():
        slow = sum(probability(tiny, *pair) for pair in pairs) / len(pairs)
        assert found[kind] == pytest.approx(slow, abs=1e-5)
    assert found[KNOWN] > 0.9
    assert found[NEW] > 0.6


def test_the_embedded_model_is_asked_what_it_does_not_rehearse(tiny):
    replay = rehearsal(tiny, 0)
    rehearsed = {exchange.prompt for exchange in replay}
    questions = asked(tiny, replay, 0, 30)
    assert not rehearsed & {prompt for pairs in questions.values() for prompt, _ in pairs}
    found = control(tiny, PLAIN, 0, replay)
    assert 50 <= len(found) <= 60
    assert 0.85 < found() <= 1


def test_another_models_control_is_what_it_said_before():
    local = small_local()
    kept = control(local, PLAIN, 0)
    told = probe(local, [], PLAIN, 1, kept)()
    assert told == {"control": pytest.approx(1, abs=1e-6), "n:own": len(kept)}
    assert kept() == pytest.approx(1, abs=1e-6)
    before, chance = kept.logprobs(), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in local.model.parameters():
            weight.add_(0.05 * torch.randn(weight.shape, generator=chance))
    after = kept.logprobs()
    shares = [
        min(1, math.exp((b - a) / n)) for a, b, n in zip(before, after, kept.lengths, strict=True)
    ]
    assert kept() == pytest.approx(sum(shares) / len(shares))
    assert kept() < 0.95


def test_what_is_asked_is_never_rehearsed():
    assert not set(everyday_prompts()) & set(everyday_prompts("everyday_asked.txt"))


def test_no_question_is_nothing_lost():
    assert Control(small_local(), [])() == 1
