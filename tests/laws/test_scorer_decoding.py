"""The decoding transforms: idempotent where they should be, and records that come back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evenodds.errors import ModelError
from evenodds.models import Decoding, PrefixTree, transform

logits = arrays(np.float64, (3, 8), elements=st.integers(-50, 50).map(lambda x: x / 7))
decodings = st.builds(
    Decoding,
    temperature=st.sampled_from([0, 0.3, 1.0, 2.0]),
    top_k=st.integers(0, 10),
    top_p=st.sampled_from([0.05, 0.5, 0.95, 1.0]),
    min_p=st.sampled_from([0.0, 0.05, 1.0]),
    system=st.none() | st.text(max_size=3),
    prefill=st.text(max_size=3),
    template=st.sampled_from([(), (("enable_thinking", False), ("effort", "low"))]),
)


@given(logits)
def test_nothing_changes_by_default(x):
    once = transform(x, Decoding())
    np.testing.assert_allclose(transform(once, Decoding()), once, atol=1e-12)
    np.testing.assert_allclose(np.exp(once).sum(-1), 1)


@given(logits, decodings)
def test_what_is_left_is_a_law_with_a_likeliest_token(x, decoding):
    law = np.exp(transform(x, decoding))
    np.testing.assert_allclose(law.sum(-1), 1)
    assert (np.where(x == x.max(-1, keepdims=True), law, 0).sum(-1) > 0).all()


@given(logits, decodings)
def test_logits_and_their_logprobs_are_decoded_alike(x, decoding):
    moved = transform(x + 3.0, decoding)
    assert np.isclose(np.exp(moved), np.exp(transform(x + 3.0, decoding))).all()
    kept = transform(transform(x, Decoding()), Decoding(temperature=decoding.temperature))
    np.testing.assert_allclose(
        np.exp(kept), np.exp(transform(x, Decoding(temperature=decoding.temperature))), atol=1e-9
    )


@given(logits, st.integers(1, 8))
def test_filters_are_idempotent(x, k):
    for decoding in (Decoding(top_k=k), Decoding(min_p=0.3), Decoding(temperature=0)):
        once = transform(x, decoding)
        np.testing.assert_allclose(np.exp(transform(once, decoding)), np.exp(once), atol=1e-12)


@given(decodings)
def test_records_come_back(decoding):
    assert Decoding.from_json(decoding.to_json()) == decoding


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -1},
        {"temperature": float("nan")},
        {"top_k": -1},
        {"top_p": 0},
        {"top_p": 1.1},
        {"min_p": 2},
        {"max_new_tokens": 0},
    ],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ModelError, match=f"{next(iter(wrong))}=.* is no decoding: give"):
        Decoding(**wrong)


def test_unknown_settings_are_refused():
    with pytest.raises(ModelError, match="Unknown decoding settings"):
        Decoding.from_json({"typical_p": 0.3})


@given(st.lists(st.lists(st.integers(0, 3), max_size=5), max_size=10))
def test_a_prefix_tree_has_one_node_per_prefix(paths):
    tree = PrefixTree()
    nodes = [tree.add(path) for path in paths]
    assert [list(tree.path(node)) for node in nodes] == paths
    assert len(tree) == len({tuple(p[:i]) for p in [[], *paths] for i in range(len(p) + 1)})
    for node in range(1, len(tree)):
        assert tree.parent[node] < node
        assert tree.children(tree.parent[node])[tree.token[node]] == node
        assert tree.depth[node] == len(tree.path(node))
