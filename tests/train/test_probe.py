"""The look during a run against the exact measurement, and against a walk a prompt."""

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from train_local import biased_local, die_tasks, small_local

from evenodds.distributions import parse
from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding, PrefixTree, path_logprobs
from evenodds.tasks.task import Task
from evenodds.tasks.trie import token_trie
from evenodds.train import forest
from evenodds.train.forest import Forest
from evenodds.train.probe import DRAWN, probe

PLAIN = Decoding()


@pytest.fixture(scope="module")
def biased():
    return biased_local()


def test_a_look_is_close_above_the_exact_measurement(biased):
    tasks = die_tasks()
    told = probe(biased, tasks, PLAIN, 5)()
    exact = [measure_exact(biased, task) for task in tasks]
    mean = sum(each["tv"] for each in exact) / len(exact)
    assert mean - 1e-3 <= told["tv"] <= mean + 0.05
    assert "tv_unseen" not in told
    assert told["p:4"] > 0.5
    assert told["p:4"] == pytest.approx(exact[0].model_pmf["4"], abs=0.02)


def test_every_number_of_one_task_is_the_exact_one(biased):
    """A number has one spelling in a tag, so that nothing but the canonical one counts."""
    task = die_tasks()[2]
    told, exact = probe(biased, [task], PLAIN, 1)(), measure_exact(biased, task)
    assert told["tv"] == pytest.approx(exact["tv"], abs=2e-3)
    assert told["valid"] == pytest.approx(exact.masses["support"], abs=2e-3)
    assert told["entropy"] == pytest.approx(exact["entropy"], abs=5e-3)
    assert told["entropy_share"] == pytest.approx(told["entropy"] / math.log(6))
    assert (told["n:train"], told["tv:train"]) == (1, told["tv"])


def test_splits_and_twins_are_told_apart(biased):
    die, twin = die_tasks()[:1], Task("2+2", parse("fixed(4)"), kind="deterministic")
    held = [replace(task, split="unseen_phrasing") for task in die_tasks()[1:]]
    told = probe(biased, [*die, *held, twin], PLAIN, 5)()
    assert told["tv"] == pytest.approx(probe(biased, die, PLAIN, 5)()["tv"], abs=1e-6)
    assert told["tv_unseen"] == told["tv:unseen_phrasing"]
    assert told["n:unseen_phrasing"] == 2
    right = math.exp(biased.walk(*_laid(biased, twin), PLAIN).logprob.sum())
    assert told["twins"] == pytest.approx(right, rel=1e-4)
    assert told["n:twins"] == 1


def test_a_support_too_large_to_list_has_a_kl_from_a_few_draws_and_no_tv():
    local, task = small_local(), Task("Pick a number.", parse("uniform(1, 5000)"))
    told = probe(local, [task], PLAIN, 1)()
    assert told.keys() == {"kl"}
    chance, total = Random(task.key), 0.0
    for _ in range(DRAWN):
        tree = PrefixTree()
        tree.add(local.spell(task.prompt, str(task.law.draw(chance)), PLAIN))
        walk = local.walk(local.context(task.prompt, PLAIN), tree, PLAIN)
        total += -math.log(5000) - walk.logprob.sum()
    assert told["kl"] == pytest.approx(total / DRAWN, abs=1e-4)
    for target, name in (("uniform(1, 200)", "tv"), ('shuffle("a", "b", "c", "d", "e")', "kl")):
        assert name in probe(local, [Task("Pick.", parse(target))], PLAIN, 1)()


def _laid(local, task, decoding=PLAIN):
    trie = token_trie(task, local, decoding)
    return local.context(task.prompt, decoding), trie.tree


@pytest.mark.parametrize("strategy", ["tree", "plain"])
@pytest.mark.parametrize("decoding", [PLAIN, Decoding(temperature=0.7, top_k=20)])
@pytest.mark.parametrize("cells", [2**24, 3 * 280])
def test_a_forest_says_what_a_walk_a_prompt_says(monkeypatch, strategy, decoding, cells):
    monkeypatch.setattr(forest, "CELLS", cells)
    local = small_local()
    monkeypatch.setattr(local, "strategy_for", lambda length: strategy)
    asked = [_laid(local, task) for task in [*die_tasks(), Task("Pick.", parse("uniform(1, 30)"))]]
    together = Forest(local, asked, decoding)
    assert bool(together.alone) == (cells < 2**24)
    for (context, tree), found in zip(asked, together.logprobs(), strict=True):
        walked = path_logprobs(tree, local.walk(context, tree, decoding).logprob)
        np.testing.assert_allclose(found, walked, atol=2e-4)
