"""Token laws of letter by letter texts: against all texts, written by a tokenizer with merges."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from train_local import byte_tokenizer, small_model

from evenodds.distributions import parse
from evenodds.models.base import Decoding
from evenodds.models.local import Local
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.tasks.trie import token_trie
from evenodds.train import spelled as module
from evenodds.train.canonical import Merges
from evenodds.train.spelled import spelled

MERGES = [
    ("a", "b"), ("Ġ", "a"), ("b", "c"), ("ab", "c"), ("c", "a"), ("ca", "b"), ("Ġ", "c"),
    ("bc", "a"), ("Ġc", "ab"), ("b", "b"), ("a", "a"), ("aa", "b"), ("abc", "a"), ("ab", "ab"),
]  # fmt: skip
TOKENIZER = byte_tokenizer(MERGES)
LOCAL = Local(small_model(len(TOKENIZER)), TOKENIZER, "merging")
NAMES = [
    name
    for name in TOKENIZER.get_vocab()
    if set(name.removeprefix("Ġ")) <= set("abcd")
    and TOKENIZER.tokenize(name.replace("Ġ", " ")) == [name]
]


def test_neighbours_are_allowed_just_where_the_tokenizer_writes_them():
    inner = [name for name in NAMES if not name.startswith("Ġ")]
    allowed = Merges.of(TOKENIZER).side_by_side(NAMES, inner)
    for i, left in enumerate(NAMES):
        for j, right in enumerate(inner):
            text = (left + right).replace("Ġ", " ")
            assert allowed[i, j] == (TOKENIZER.tokenize(text) == [left, right])
    assert 0 < allowed.sum() < allowed.size


@given(st.text("abcd", min_size=1, max_size=12))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_what_the_tokenizer_writes_has_allowed_neighbours(text):
    merges, path = Merges.of(TOKENIZER), TOKENIZER.tokenize(" " + text)
    assert merges.written("Ġ" + text) == path
    assert all(merges.side_by_side([a], [b])[0, 0] for a, b in pairwise(path))


LAWS = ['password(4, "abc")', 'password(5, "ab")', 'password(3, "abcd1", digits=1)']


@pytest.mark.parametrize("law", LAWS)
def test_every_law_is_that_of_all_texts(law, monkeypatch):
    monkeypatch.setattr(module, "SMALL", 0.0)
    task = Task("Do it.", parse(law))
    law, trie = spelled(task, LOCAL, Decoding()), token_trie(task, LOCAL)
    for seed in range(40):
        node = 0
        path, laws, _ = law.draw(random.Random(seed))
        for token, found in zip(path, laws, strict=True):
            assert found == pytest.approx(trie.next_target(node))
            node = trie.tree.children(node)[token]
        assert node in trie.outcome


def test_one_small_token_stands_for_all(monkeypatch):
    task = Task("Do it.", parse(LAWS[0]))
    law = spelled(task, LOCAL, Decoding())
    monkeypatch.setattr(module, "SMALL", 0.0)
    whole = law.draw(random.Random(0))[1][0]
    monkeypatch.setattr(module, "SMALL", 0.1)
    count = 4000
    mean: dict = {}
    for seed in range(count):
        first = law.draw(random.Random(seed))[1][0]
        assert sum(first.values()) == pytest.approx(1)
        for token, prob in first.items():
            mean[token] = mean.get(token, 0) + prob / count
    assert mean == pytest.approx(whole, abs=0.02)  # six standard deviations


def test_its_entropy_is_that_of_the_law_in_the_mean():
    task = Task("Do it.", parse(LAWS[1]))
    law = spelled(task, LOCAL, Decoding())
    found = [law.draw(random.Random(seed))[2] for seed in range(2000)]
    assert sum(found) / len(found) == pytest.approx(task.law.entropy(), abs=0.1)


@pytest.mark.parametrize(
    "task",
    [
        Task("Do it.", parse("shuffle('one', 'two')")),
        Task("Do it.", parse("uniform(1, 6)")),
        Task("Do it.", parse(LAWS[0]), AnswerFormat("tag")),
    ],
)
def test_other_texts_are_left_to_the_path(task):
    assert spelled(task, LOCAL, Decoding()) is None
