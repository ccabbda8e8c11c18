"""The built-in suites are pinned: a change of a suite is a decision, not an accident.

After a deliberate change, copy the hashes that `evenodds suites` prints, and say so in the
changelog: measurements of another hash are measurements of another suite.
"""

import re
from collections import Counter

import pytest

from evenodds.tasks import BUILT_IN, AnswerFormat, Hit, load_suite

PINNED = {
    "die": "eed98f9d042cb599",
    "coin": "658578795be04d37",
    "core": "de42c851e11c801f",
}

ARTICLE = "roll a dice. output the roll in <answer></answer> tags."


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_hash_is_pinned(name: str) -> None:
    assert load_suite(name).hash == PINNED[name]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_task_is_sound_and_distinct(name: str) -> None:
    suite = load_suite(name)
    for task in suite:
        task.check()
        assert not re.search(r"\{[a-z]\w*\}", task.prompt), "a slot was left open"
    assert len({task.key for task in suite}) == len({task.name for task in suite}) == len(suite)


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_unseen_prompt_is_a_train_prompt(name: str) -> None:
    suite = load_suite(name)
    seen = {_words(task.prompt) for task in suite if task.split == "train"}
    assert not [t.prompt for t in suite if t.split != "train" and _words(t.prompt) in seen]


def test_unseen_phrasings_differ_from_train_in_their_frame() -> None:
    """No unseen die prompt shares half of its word triples with any train prompt."""
    suite = load_suite("die")
    train = [_triples(task.prompt) for task in suite.split("train")]
    for task in suite.split("unseen_phrasing"):
        own = _triples(task.prompt)
        assert max(len(own & other) / len(own) for other in train) < 0.5, task.prompt


def test_the_die_suite_has_the_article_and_its_phrasings() -> None:
    suite = load_suite("die")
    assert suite.tasks[0].prompt == ARTICLE
    assert suite.tasks[0].format == AnswerFormat("tag", "answer")
    assert suite.splits["train"] >= 60
    assert suite.splits["unseen_phrasing"] >= 30
    assert {str(task.target) for task in suite} == {"uniform(1, 6)"}
    for split in suite.splits:
        kinds = Counter(task.format.kind for task in suite.split(split))
        assert 0.25 < kinds["tag"] / kinds.total() < 0.4


def test_the_coin_suite_has_the_article_in_both_orders() -> None:
    suite = load_suite("coin")
    first, second = suite.tasks[:2]
    assert first.prompt.count("{0, 1}") == 2
    assert second.prompt == first.prompt.translate({48: "1", 49: "0"}).replace("1.5", "0.5")
    assert first.prompt.startswith("\n  ** Descriptions: ** Your task is to generate a sample")
    assert first.parse("Explanations: a coin is fair, so 0 and 1.\nOutput: 1") == Hit("1")


def test_the_core_suite_covers_splits_levels_categories_and_twins() -> None:
    suite = load_suite("core")
    assert 180 <= len(suite) <= 320
    assert set(suite.splits) == {"train", "unseen_phrasing", "unseen_parameters", "unseen_family"}
    assert min(suite.splits.values()) >= 20
    assert {task.level for task in suite} == {1, 2, 3, 4}
    assert len({task.category for task in suite}) == 5
    assert sum(task.kind == "deterministic" for task in suite) >= 20
    unseen = {task.family for task in suite.split("unseen_family")}
    assert not unseen & {task.family for task in suite if task.split != "unseen_family"}


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))


def _triples(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {words[i : i + 3] for i in range(max(1, len(words) - 2))}
