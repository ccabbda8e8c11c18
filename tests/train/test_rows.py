"""Rows against enumeration: the chain rule, entropies, drawn paths."""

import math

import pytest
from train_shapes import Nested, random_tree, rng

from evenodds.train.rows import ROOT, along, blended, drawn_row, one_hot, path_row, trie_row

DIE = Nested({7: (1, {t: (1, {8: (1, None)}) for t in range(1, 7)})})


def edge_masses(row):
    """Weight of each edge, by the tokens that lead to it."""

    def way(node):
        return () if node == ROOT else (*way(row.parents[node]), row.tokens[node])

    return {(*way(node), token): weight for node, token, weight in row.edges}


@pytest.mark.parametrize("seed", range(20))
def test_an_edge_weighs_what_the_answers_through_it_weigh(seed):
    tree = random_tree(rng(seed))
    masses: dict = {}
    for path, prob in tree.paths():
        for i in range(1, len(path) + 1):
            masses[path[:i]] = masses.get(path[:i], 0) + prob
    found = edge_masses(trie_row((1,), tree))
    assert found.keys() == masses.keys()
    assert all(math.isclose(found[k], masses[k]) for k in masses)


@pytest.mark.parametrize("seed", range(20))
def test_a_rows_entropy_is_that_of_its_answers(seed):
    tree = random_tree(rng(seed))
    entropy = -sum(p * math.log(p) for _, p in tree.paths())
    assert math.isclose(trie_row((1,), tree).entropy, entropy, abs_tol=1e-12)


def test_only_tokens_with_something_after_them_are_fed():
    row = trie_row((1, 2), DIE)
    assert sorted(row.tokens) == [1, 2, 3, 4, 5, 6, 7]
    assert len(row) == 9
    assert len(row.edges) == 1 + 6 + 6


@pytest.mark.parametrize("seed", range(5))
def test_drawn_paths_have_the_whole_trie_as_their_mean(seed):
    tree = random_tree(rng(seed))
    mean: dict = {}
    for path, prob in tree.paths():
        for edge, weight in edge_masses(trie_row((1,), tree, [path])).items():
            mean[edge] = mean.get(edge, 0) + prob * weight
    whole = edge_masses(trie_row((1,), tree))
    assert mean.keys() == whole.keys()
    assert all(math.isclose(mean[k], whole[k]) for k in whole)


@pytest.mark.parametrize("seed", range(10))
def test_a_sampled_share_leaves_the_mean_as_it_is(seed):
    tree = random_tree(rng(seed))
    whole = trie_row((1,), tree)
    mean: dict = {}
    entropy = 0.0
    for path, prob in tree.paths():
        row = blended(whole, path, 0.3)
        entropy += prob * row.entropy
        for node, token, weight in row.edges:
            mean[node, token] = mean.get((node, token), 0) + prob * weight
    assert math.isclose(entropy, whole.entropy, abs_tol=1e-12)
    assert all(math.isclose(mean[node, token], weight) for node, token, weight in whole.edges)


def test_answers_drawn_twice_weigh_twice_and_are_fed_once():
    row = drawn_row((1,), [(7, 1, 8), (7, 4, 8), (7, 4, 8)])
    assert sorted(row.tokens) == [1, 4, 7]
    assert math.isclose(edge_masses(row)[(7, 4)], 2 / 3)
    assert math.isclose(row.entropy, math.log(3) - 2 / 3 * math.log(2))
    assert [[row.edges[i][1] for i in taken] for taken in along(row, [(7, 4, 8), (7, 1, 8)])] == [
        [7, 4, 8],
        [7, 1, 8],
    ]


def test_two_paths_share_their_beginning():
    row = trie_row((1,), DIE, [(7, 1, 8), (7, 4, 8)])
    assert row.tokens == (7, 1, 4)
    assert edge_masses(row)[(7, 1, 8)] == 0.5
    assert math.isclose(edge_masses(row)[(7, 3)], 1 / 6)


def test_a_reply_to_repeat_is_one_path():
    row = path_row((5,), (1, 2, 3), one_hot((1, 2, 3)))
    assert row.tokens == (1, 2)
    assert row.edges == ((ROOT, 1, 1.0), (0, 2, 1.0), (1, 3, 1.0))
    assert row.entropy == 0
