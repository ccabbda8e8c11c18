"""The path loss: exact conditionals where pieces are tokens, and the right mean everywhere."""

import math
import random

import pytest
from train_local import small_local

from evenodds.distributions import parse
from evenodds.models.base import Decoding
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.tasks.trie import token_trie
from evenodds.train.lesson import TrieLesson, prepare
from evenodds.train.match import MatchConfig
from evenodds.train.path import PathLesson, refine
from evenodds.train.rows import ROOT, one_hot

LOCAL = small_local()
PLAIN = Decoding()


def path_lesson(task):
    lesson = prepare(task, LOCAL, PLAIN, MatchConfig(outcomes=1, noise=0.0))
    assert isinstance(lesson, PathLesson)
    return lesson


def laws_of(row):
    """(tokens so far) -> law of the next token, along the row's one path."""
    ways = {ROOT: (), **{i: row.tokens[: i + 1] for i in range(len(row.tokens))}}
    laws: dict = {}
    for node, token, weight in row.edges:
        laws.setdefault(ways[node], {})[token] = weight
    return laws


@pytest.mark.parametrize(
    "target",
    [
        "shuffle('a', 'b', 'c', 'd')",
        "sequence(uniform(1, 12), 3)",
        "sequence(coin(0.3), 4, sep=' ')",
        "choose(3, 1, 2, 3, 4, 5, 10, 11)",
        "password(4, 'abc123', digits=1)",
        "uuid4()",
    ],
)
@pytest.mark.parametrize("kind", ["bare", "tag"])
def test_every_law_along_a_path_is_the_exact_conditional(target, kind):
    task = _task(target, kind)
    lesson, chance = path_lesson(task), random.Random(1)
    for _ in range(5):
        row = lesson.row(chance)
        sharp = [law for law in laws_of(row).values() if len(law) > 1]
        assert sharp, "no token has an exact conditional"
        for law in laws_of(row).values():
            assert math.isclose(sum(law.values()), 1)
        if task.law.support_size <= 5000:
            _agrees_with_the_trie(row, task)


def _task(target, kind):
    return Task("Do it.", parse(target), AnswerFormat(kind))


def _agrees_with_the_trie(row, task):
    """Against the enumeration of all answers: exact wherever the law is not one-hot."""
    trie = token_trie(task, LOCAL)
    for way, law in laws_of(row).items():
        node = 0
        for token in way:
            node = trie.tree.children(node)[token]
        exact = trie.next_target(node)
        if len(law) > 1 or len(exact) == 1:
            assert law == pytest.approx(exact)


def test_the_entropy_of_a_sharpened_path_is_that_of_the_law_in_the_mean():
    task = Task("Do it.", parse("shuffle('a', 'b', 'c', 'd')"))
    lesson, chance = path_lesson(task), random.Random(2)
    assert lesson.row(chance).entropy == pytest.approx(math.log(24))


def test_refine_sums_over_pieces_that_share_tokens():
    laws = one_hot((7, 8, 9))
    refine(laws, (7, 8, 9), 0, [((7, 8), 0.5), ((7, 5), 0.25), ((6,), 0.25)], (7, 8))
    assert laws == [{7: 0.75, 6: 0.25}, {8: pytest.approx(2 / 3), 5: pytest.approx(1 / 3)}, {9: 1}]


def test_refine_leaves_alone_what_it_cannot_know():
    laws = one_hot((7, 8))
    for options in ([((7,), 0.5), ((7, 8), 0.5)], [((7,), 0.5), ((), 0.5)]):
        refine(laws, (7, 8), 0, options, (7,))
    refine(laws, (7, 8), 0, [((6,), 0.5), ((5,), 0.5)], (6,))
    assert laws == one_hot((7, 8))


@pytest.mark.parametrize("target", ["uniform(1, 300)", "normal(0, 3, decimals=1)"])
def test_a_listed_law_is_exact_letter_by_letter(target):
    task = _task(target, "bare")
    lesson, chance = path_lesson(task), random.Random(3)
    for _ in range(5):
        row = lesson.row(chance)
        assert any(len(law) > 1 for law in laws_of(row).values())
        _agrees_with_the_trie(row, task)


def test_a_deterministic_twin_is_a_point_mass():
    task = Task("Say 4.", parse("fixed(4)"), kind="deterministic")
    lesson = prepare(task, LOCAL, PLAIN, MatchConfig(noise=0.0))
    assert isinstance(lesson, TrieLesson)
    row = lesson.row(random.Random(4))
    assert row.entropy == 0
    assert [token for _, token, _ in row.edges] == list(LOCAL.spell("Say 4.", "4", PLAIN))


def test_a_trie_too_large_is_taught_by_drawn_paths():
    task = Task("Pick.", parse("uniform(1, 100)"))
    lesson = prepare(task, LOCAL, PLAIN, MatchConfig(nodes=8, paths=2, noise=0.0))
    row = lesson.row(random.Random(5))
    assert len(row.tokens) <= 2 * 3
    mean, count = 0.0, 400
    for _ in range(count):
        mean += lesson.row(random.Random(str(_))).entropy / count
    assert mean == pytest.approx(math.log(100), abs=0.1)


def test_noise_keeps_what_the_answer_is_made_of():
    from evenodds.train.noise import noisy

    prompt = "Pick red or Blue and put it in <answer></answer> tags."
    chance = random.Random(6)
    seen = {noisy(prompt, ("red", "Blue", "answer"), chance) for _ in range(300)}
    assert len(seen) > 50
    assert all("red" in p and "Blue" in p and "<answer></answer>" in p for p in seen)
