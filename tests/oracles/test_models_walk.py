"""Exact scoring against one full sequence at a time, over architectures and strategies."""

from functools import cache

import numpy as np
import pytest
import torch
from random_models import CONFIGS, random_local, random_model

from evenodds.models import Decoding, PrefixTree, local_batches, transform
from evenodds.models.local_probe import choose, length_class
from evenodds.models.local_rows import Passes, Prompt

PLAIN = Decoding()
PROMPT = "roll a die and answer with one number from 1 to 6"
REPLIES = ["1", "2", "12", "100", "<answer>4</answer>", "<answer>5</answer>", "heads", "tails"]
EXPECTED = {
    "llama": "tree",
    "qwen2": "tree",
    "qwen3": "tree",
    "gpt2": "tree",
    "gpt_neox": "tree",
    "phi": "tree",
    "opt": "tree",
    "cohere": "tree",
    "mistral_no_window": "tree",
    "mistral_window": "cache",
    "gemma2": "cache",
    "mpt": "cache",
    "bloom": "cache",
    "mamba": "plain",
}
"""What the probe is known to find on these models; all answers were checked one by one."""


def one_by_one(local, context, tree, decoding=PLAIN):
    """Score every node from its own full sequence: the slow obvious version."""
    logprob, stop = np.zeros(len(tree)), np.full(len(tree), np.nan)
    for node in range(len(tree)):
        if not tree.children(node):
            continue
        ids = torch.tensor([[*context, *tree.path(node)]])
        with torch.no_grad():
            logits = local.model(ids, use_cache=False).logits[0, -1]
        law = transform(logits.double().numpy(), decoding)
        for token, child in tree.children(node).items():
            logprob[child] = law[token]
        stop[node] = np.logaddexp.reduce(law[sorted(local.ends)])
    return logprob, stop


def case(local, prompt=PROMPT, replies=REPLIES, decoding=PLAIN):
    tree = PrefixTree()
    for reply in replies:
        tree.add(local.spell(prompt, reply, decoding))
    return local.context(prompt, decoding), tree


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_architecture_agrees_with_one_by_one(kind):
    local = random_local(kind)
    context, tree = case(local)
    expected, stop = one_by_one(local, context, tree)
    for _ in range(2):  # the second time behind the cached context
        walk = local.walk(context, tree, Decoding())
        np.testing.assert_allclose(walk.logprob, expected, atol=1e-4)
        np.testing.assert_allclose(walk.stop, stop, atol=1e-4)
    assert local.strategy == EXPECTED[kind]


@pytest.mark.parametrize("kind", ["llama", "gemma2", "mamba"])
@pytest.mark.parametrize(
    "decoding", [Decoding(temperature=0.6), Decoding(top_k=20, top_p=0.9), Decoding(min_p=0.02)]
)
def test_decoding_acts_at_every_node(kind, decoding):
    local = random_local(kind)
    context, tree = case(local)
    expected, _ = one_by_one(local, context, tree, decoding)
    np.testing.assert_allclose(
        np.exp(local.walk(context, tree, decoding).logprob), np.exp(expected), atol=1e-5
    )


@pytest.mark.parametrize("kind", ["mpt", "mistral_window", "gemma2", "bloom", "mamba"])
def test_the_tree_is_really_wrong_where_the_probe_refuses_it(kind):
    """Without this the probe could refuse everything and pass."""
    local = random_local(kind)
    context, tree = case(local)
    expected, _ = one_by_one(local, context, tree)
    passes = Passes(local.model, Prompt(context), tree)
    try:
        laws = {
            node: row.double().log_softmax(-1)
            for block, logits in passes.rows("tree", list(tree.inner()))
            for node, row in zip(block, logits, strict=True)
        }
    except Exception:  # bloom and mamba cannot take the mask at all
        return
    found = [float(laws[tree.parent[n]][tree.token[n]]) for n in range(1, len(tree))]
    assert np.abs(np.array(found) - expected[1:]).max() > 1e-2


def test_a_window_hurts_only_long_sequences_and_the_probe_knows():
    model = random_model("mistral_window", sliding_window=100)
    assert [choose(model, n, 512) for n in (64, 128)] == ["tree", "cache"]
    local = random_local("mistral_window")
    assert local.strategy_for(length_class(10)) == local.strategy
    long = " ".join([PROMPT] * 8)
    context, tree = case(local, long)
    assert len(context) > 128
    expected, _ = one_by_one(local, context, tree)
    np.testing.assert_allclose(local.walk(context, tree, Decoding()).logprob, expected, atol=1e-4)


@pytest.mark.parametrize("strategy", ["tree", "cache", "plain"])
def test_chunks_change_nothing(strategy, monkeypatch):
    local = random_local("llama")
    context, tree = case(local, replies=[str(n) for n in range(1, 60)])
    whole = local.walk(context, tree, Decoding()).logprob
    monkeypatch.setattr(local_batches, "CELLS", 320 * 7)
    monkeypatch.setattr(local_batches, "TOKENS", 200)
    nodes = list(tree.inner())
    passes = Passes(local.model, Prompt(context), tree)
    seen = []
    for block, logits in passes.rows(strategy, nodes):
        assert len(block) <= 8
        seen += block
        laws = logits.double().log_softmax(-1)
        for row, node in enumerate(block):
            for token, child in tree.children(node).items():
                assert float(laws[row, token]) == pytest.approx(whole[child], abs=1e-4)
    assert sorted(seen) == sorted(nodes)


def test_new_weights_are_never_answered_from_an_old_cache():
    local = random_local("qwen2", seed=9)
    context, tree = case(local)
    before = local.walk(context, tree, Decoding()).logprob
    with torch.no_grad():
        next(local.model.model.layers[0].parameters()).mul_(1.5)
    after = local.walk(context, tree, Decoding()).logprob
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after, one_by_one(local, context, tree)[0], atol=1e-4)


@cache
def halved(kind):
    return random_model(kind).to(torch.bfloat16)


@pytest.mark.parametrize(("kind", "strategy"), [("llama", "tree"), ("mpt", "cache")])
def test_the_probe_tells_rounding_from_error_in_bfloat16(kind, strategy):
    assert choose(halved(kind), 64, 512) == strategy


def test_only_the_needed_positions_are_projected():
    """Rows of the last projection: the context's last one and one for each node with children."""
    local = random_local("llama", seed=4)
    context, tree = case(local)
    _ = local.strategy
    seen = []
    head = local.model.get_output_embeddings()
    hook = head.register_forward_hook(lambda module, inputs, out: seen.append(out.shape[-2]))
    local.walk(context, tree, Decoding())
    hook.remove()
    assert seen == [len(list(tree.inner()))]


def test_a_forward_that_cannot_trim_its_logits_is_served_too(monkeypatch):
    local = random_local("qwen3", seed=5)
    whole = local.model.forward

    def bare(
        input_ids, attention_mask=None, position_ids=None, past_key_values=None, use_cache=None
    ):
        return whole(
            input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
        )

    monkeypatch.setattr(local.model, "forward", bare)
    context, tree = case(local)
    found = local.walk(context, tree, PLAIN).logprob
    np.testing.assert_allclose(found, one_by_one(local, context, tree)[0], atol=1e-4)
    assert local.strategy == "tree"
