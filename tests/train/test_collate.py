"""The two layouts against each other and against one path at a time, gradients included."""

import pytest
import torch
from train_shapes import random_context, random_tree, rng, small_llama

from evenodds.train.collate import collate
from evenodds.train.forward import Forward, dense_target, node_weight, task_loss
from evenodds.train.losses import kl_forward
from evenodds.train.rows import trie_row


def some_rows(seed, count=5):
    chance = rng(seed)
    return [(random_context(chance), random_tree(chance)) for _ in range(count)]


def loss_of(model, rows, layout):
    batch = collate([trie_row(context, tree) for context, tree in rows], layout)
    return task_loss(Forward(model).logprobs(model, batch), batch, "forward")


def slow_loss(model, rows):
    """The definition: minus the mean over answers of log P(answer | prompt), one at a time."""
    total = 0.0
    for context, tree in rows:
        for path, prob in tree.paths():
            ids = torch.tensor([[*context, *path]])
            logprob = model(ids).logits[0].log_softmax(-1)
            steps = range(len(context) - 1, len(context) + len(path) - 1)
            total = total - prob * sum(logprob[i, ids[0, i + 1]] for i in steps)
    return total / len(rows)


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return [p.grad.clone() for p in model.parameters()]


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("layout", ["tree", "paths"])
@pytest.mark.parametrize("seed", range(3))
def test_every_layout_has_the_loss_and_gradient_of_the_definition(layout, seed, attention):
    model = small_llama(seed, attn_implementation=attention)
    rows = some_rows(seed)
    fast, slow = loss_of(model, rows, layout), slow_loss(model, rows)
    assert torch.allclose(fast, slow, atol=1e-5)
    pairs = zip(gradients(model, fast), gradients(model, slow), strict=True)
    assert all(torch.allclose(a, b, atol=2e-6) for a, b in pairs)


def test_the_tree_layout_wastes_little():
    rows = [trie_row(context, tree) for context, tree in some_rows(1, count=30)]
    tree, paths = collate(rows, "tree"), collate(rows, "paths")
    tokens = sum(len(row) for row in rows)
    assert tree["input_ids"].numel() < 1.05 * tokens
    assert paths["input_ids"].numel() > 2 * tokens


def test_scales_weigh_rows():
    model = small_llama()
    rows = [trie_row(context, tree) for context, tree in some_rows(3, count=2)]
    forward = Forward(model)

    def loss(batch):
        return task_loss(forward.logprobs(model, batch), batch, "forward").item()

    one, other = (loss(collate([row], "tree")) for row in rows)
    both = loss(collate(rows, "tree", [0.25, 2.0]))
    assert both == pytest.approx(0.25 * one + 2 * other, rel=1e-5)


def test_forward_divergence_is_the_cross_entropy_less_the_entropy():
    model = small_llama()
    rows = [trie_row(context, tree) for context, tree in some_rows(4)]
    batch = collate(rows, "tree")
    logprob = Forward(model).logprobs(model, batch)
    target, weight = dense_target(batch, logprob.shape[-1])
    assert torch.allclose(weight, node_weight(batch))
    entropy = sum(row.entropy for row in rows) / len(rows)
    gap = task_loss(logprob, batch, "forward").item() - entropy
    assert kl_forward(target, logprob, weight).item() == pytest.approx(gap, abs=1e-5)


def test_gathered_logits_are_the_models_own():
    model = small_llama()
    batch = collate([trie_row(context, tree) for context, tree in some_rows(5)], "tree")
    gathered, whole = Forward(model), Forward(model)
    assert gathered.gathers
    whole.gathers = False
    assert torch.allclose(gathered.logprobs(model, batch), whole.logprobs(model, batch), atol=1e-5)
