"""Draws that share beginnings: the laws they draw from, and the arithmetic that draws."""

import numpy as np
import pytest
import torch
from random_models import CONFIGS, random_local, random_model

from evenodds.models import Decoding, PrefixTree, local_growth
from evenodds.models.local_growth import Growth, chosen
from evenodds.models.local_probe import grows
from evenodds.models.local_rows import Passes, Prompt

CONTEXT = (5, 17, 40, 41, 90, 12, 200, 7, 33, 150, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71)


@pytest.mark.parametrize("kind", sorted(CONFIGS))
def test_laws_behind_growing_paths_are_the_plain_ones(kind):
    """Beyond a window of 24, rows dropped and repeated, from a cache and without one."""
    model = random_model(kind)
    assert grows(model, 64) == (kind != "mamba")
    if kind == "mamba":
        return
    tree = PrefixTree()
    ways = [[10, 20, 30, 40, 50], [10, 21, 31, 41, 51], [11, 20, 30, 40, 52]]
    nodes = [[tree.add(way[:depth]) for way in ways] for depth in range(1, 6)]
    plain = {
        node: row
        for block, rows in Passes(model, Prompt(CONTEXT), tree).by_plain(range(len(tree)))
        for node, row in zip(block, rows.double().log_softmax(-1), strict=True)
    }
    passes, cache, kept = Passes(model, Prompt(CONTEXT), tree), None, [0, 1, 2]
    torch.testing.assert_close(passes.root().double().log_softmax(-1), plain[0], atol=1e-4, rtol=0)
    for depth in range(1, 6):
        logits, cache = passes.onward([ways[i][:depth] for i in kept], cache)
        fresh, _ = passes.onward([ways[i][:depth] for i in kept])
        right = torch.stack([plain[nodes[depth - 1][i]] for i in kept])
        for found in (logits, fresh):
            torch.testing.assert_close(
                found.double().log_softmax(-1), right, atol=1e-4, rtol=0, check_dtype=False
            )
        if depth in (2, 4):
            kept = kept[1:] if depth == 2 else [kept[1], kept[0], kept[1]]
            places = [1, 2] if depth == 2 else [1, 0, 1]
            cache.batch_select_indices(torch.tensor(places))


@pytest.mark.parametrize("decoding", [Decoding(), Decoding(temperature=0), Decoding(top_k=2)])
def test_a_grid_of_numbers_gives_each_token_its_share(decoding, monkeypatch):
    """Numbers 0, 1/100, ... 99/100 choose each token 100 p times: proved, not rolled."""
    law = torch.tensor([[0.0, 0.2, 0.0, 0.5, 0.3], [1.0, 0.0, 0.0, 0.0, 0.0], [0.1] + [0.225] * 4])
    expected = np.array([[0, 20, 0, 50, 30], [100, 0, 0, 0, 0], [10, 22.5, 22.5, 22.5, 22.5]])
    if decoding.temperature == 0:
        expected = np.array([[0, 0, 0, 100, 0], [100, 0, 0, 0, 0], [0, 100, 0, 0, 0]])
    elif decoding.top_k == 2:
        expected = np.array([[0, 0, 0, 62.5, 37.5], [100, 0, 0, 0, 0], [0, 25, 25, 25, 25]])
    rows, numbers = np.repeat([2, 0, 1], 100), np.tile(np.arange(100) / 100 + 2**-20, 3)
    for cells in (5, 10, 2**21):
        monkeypatch.setattr(local_growth, "CELLS", cells)
        tokens = chosen(law.log(), decoding, rows, numbers)
        found = np.array([np.bincount(tokens[rows == row], minlength=5) for row in range(3)])
        assert np.abs(found - expected).max() < 1
        assert not found[expected == 0].any()


def test_the_ends_of_the_unit_interval_choose_possible_tokens():
    law = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.5, 0.0]]).log()
    rows = np.arange(3)
    assert chosen(law, Decoding(), rows, np.zeros(3)).tolist() == [1, 1, 0]
    assert chosen(law, Decoding(), rows, np.full(3, 1 - 2**-40)).tolist() == [1, 2, 1]


@pytest.mark.parametrize("kind", ["llama", "mistral_window", "mpt"])
def test_replies_do_not_depend_on_the_batch_nor_on_how_many_are_drawn(kind, monkeypatch):
    local, decoding = random_local(kind), Decoding(top_p=0.8, max_new_tokens=8)
    whole = local.draw("roll a die", 60, decoding, seed=3)
    assert local.draw("roll a die", 7, decoding, seed=3) == whole[:7]
    monkeypatch.setattr(local_growth, "TOKENS", 100)
    passes = Passes(local.model, Prompt(local.context("roll a die", decoding)), PrefixTree())
    assert Growth(passes, 60, decoding, ends=local.ends, seed=3).most < 10
    assert local.draw("roll a die", 60, decoding, seed=3) == whole


def test_drawing_leaves_the_random_state_and_the_models_settings_alone():
    local = random_local()
    before, settings = torch.get_rng_state(), local.model.generation_config
    local.draw("roll a die", 5, Decoding(max_new_tokens=3), seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert local.model.generation_config is settings
