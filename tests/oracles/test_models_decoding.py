"""The decoding transforms against transformers' own warpers, and against what `generate` draws."""

import numpy as np
import pytest
import torch
from random_models import random_local
from transformers import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from evenodds.models import Decoding, transform

SETTINGS = [
    Decoding(temperature=t, top_k=k, top_p=p, min_p=m)
    for t in (0.4, 1.0, 1.7)
    for k in (0, 1, 7, 500)
    for p in (0.1, 0.8, 1.0)
    for m in (0.0, 0.1, 1.0)
]


def warped(logits, decoding):
    """Apply transformers' warpers one after the other, in the order of `generate`."""
    warpers = [TemperatureLogitsWarper(decoding.temperature)]
    warpers += [TopKLogitsWarper(decoding.top_k)] if decoding.top_k else []
    warpers += [TopPLogitsWarper(decoding.top_p)] if decoding.top_p < 1 else []
    warpers += [MinPLogitsWarper(decoding.min_p)] if decoding.min_p else []
    for warper in warpers:
        logits = warper(None, logits)
    return logits.softmax(-1).numpy()


@pytest.mark.parametrize("decoding", SETTINGS)
def test_equal_to_the_warpers_of_transformers(decoding):
    logits = 3 * torch.randn(5, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    mine = np.exp(transform(logits.numpy(), decoding))
    np.testing.assert_allclose(mine, warped(logits, decoding), atol=1e-12)


@pytest.mark.parametrize("decoding", SETTINGS)
def test_equal_to_the_warpers_where_tokens_tie(decoding):
    generator = torch.Generator().manual_seed(1)
    logits = torch.randint(0, 4, (5, 12), generator=generator).double()
    mine = np.exp(transform(logits.numpy(), decoding))
    np.testing.assert_allclose(mine, warped(logits, decoding), atol=1e-12)


def test_equal_tokens_lose_what_is_published():
    """top_p .95 of 100 equal tokens costs tv .05, of a die .8 .167."""
    hundred = np.exp(transform(np.zeros(100), Decoding(top_p=0.95)))
    assert np.abs(hundred - 0.01).sum() / 2 == pytest.approx(0.05, abs=1e-9)
    die = np.exp(transform(np.zeros(6), Decoding(top_p=0.8)))
    assert np.abs(die - 1 / 6).sum() / 2 == pytest.approx(1 / 6)


def test_generate_adds_nothing_of_its_own():
    """An unset top_k is 50 in `generate`, and a model's config may hold a repetition penalty."""
    local = random_local("llama", seed=3)
    own = local.model.generation_config
    own.top_k, own.repetition_penalty, own.temperature = 1, 5.0, 0.1
    try:
        replies = local.draw("roll", 400, Decoding(max_new_tokens=1, temperature=3.0), seed=1)
        assert local.model.generation_config is own
    finally:
        own.top_k, own.repetition_penalty, own.temperature = None, None, None
    assert len({reply.text for reply in replies}) > 60


def test_drawing_leaves_the_callers_random_state_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    random_local().draw("roll", 3, Decoding(max_new_tokens=2), seed=1)
    assert torch.equal(torch.rand(3), expected)
