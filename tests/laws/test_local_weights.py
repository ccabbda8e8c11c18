"""What Local has computed is not used again once a weight has changed, however it was changed."""

import copy

import numpy as np
import pytest
import torch
from random_models import random_local

from evenodds.models.base import Decoding, PrefixTree
from evenodds.models.local import Local

PLAIN = Decoding(max_new_tokens=3)


def fresh():
    known = random_local("llama")
    return Local(copy.deepcopy(known.model), known.tokenizer)


def law(local):
    """Log-probabilities of two replies, through whatever was kept of an earlier walk."""
    tree = PrefixTree()
    for reply in ("1", "12"):
        tree.add(local.spell("roll a die", reply, PLAIN))
    return local.walk(local.context("roll a die", PLAIN), tree, PLAIN).logprob


@pytest.mark.parametrize("how", [{}, {"fused": True}, {"foreach": True}], ids=str)
def test_a_step_of_any_optimizer_is_seen(how):
    local = fresh()
    before, drawn = law(local), local.draw("roll a die", 50, PLAIN, seed=1)
    optimizer = torch.optim.AdamW(local.model.parameters(), lr=0.05, **how)
    ids = torch.tensor([local.context("roll a die", PLAIN)])
    local.model(ids, labels=ids).loss.backward()
    optimizer.step()
    other = Local(local.model, local.tokenizer)  # it has kept nothing
    assert np.abs(law(other) - before).max() > 1e-3
    np.testing.assert_allclose(law(local), law(other), atol=1e-5)
    again = local.draw("roll a die", 50, PLAIN, seed=1)
    assert again == other.draw("roll a die", 50, PLAIN, seed=1)
    assert [reply.text for reply in again] != [reply.text for reply in drawn]


def test_weights_copied_in_place_are_seen():
    local = fresh()
    before = law(local)
    with torch.no_grad():
        for weight in local.model.parameters():
            weight.data.mul_(1.5)
    assert np.abs(law(local) - before).max() > 1e-3
