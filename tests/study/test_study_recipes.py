"""The recipes of the die: how runs are judged, and that the two halves of the article hold."""

from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(autouse=True)
def recipes(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))


def row(tv, valid, top):
    return {"tv": tv, "valid": valid, "top": top}


@pytest.mark.parametrize(
    "values, name",
    [
        ((0.7, 1.0, 0.87), "collapsed"),
        ((0.05, 0.99, 0.2), "fair"),
        ((0.9, 0.1, 0.05), "gibberish"),
        ((0.3, 0.95, 0.4), "between"),
        ((0.12, 0.9, 0.16), "between"),
    ],
)
def test_every_run_has_one_end(values, name):
    from entropy_map import ENDS, end

    assert end(row(*([value] * 16 for value in values))) == name
    assert name in {each.name for each in ENDS}


def test_a_run_is_judged_by_its_last_probes_and_not_by_its_best():
    from entropy_map import TAIL, end

    passing = [0.7] * 5 + [0.01] * 6 + [0.4] * TAIL
    assert end(row(passing, [1.0] * 16, [0.45] * 16)) == "between"


def test_every_cell_of_the_map_has_every_seed():
    from entropy_map import COEFFICIENTS, RATES

    from evenodds.study.grid import cell_key, grid

    cells = grid(seed=range(5), entropy=COEFFICIENTS, lr=RATES)
    assert len({cell_key(cell) for cell in cells}) == 5 * len(COEFFICIENTS) * len(RATES)


def test_pass_at_k_is_one_less_all_misses():
    from reward_never_tried import pass_at

    assert pass_at(1, 0.25) == 0.25 and pass_at(2, 0.5) == 0.75
    assert pass_at(64, 1e-6) == pytest.approx(64e-6, rel=1e-3)


def test_first_rewards_are_told_with_those_that_never_came():
    from reward_never_tried import first_words

    assert first_words([{"first": 16}, {"first": 64}, {"first": 32}]) == "32"
    assert first_words([{"first": 16}, {"first": None}]) == "16, never in 1"
    assert first_words([{"first": None}] * 5) == "never in 5"


def test_the_rewarded_face_alone_is_right():
    from reward_never_tried import task

    from evenodds.tasks.answer import Hit
    from evenodds.train.rewards import valid

    only = task(20, 1)
    heard = [only.parse(reply) for reply in (" 1", " 17", "one of these")]
    answers = [found.outcome if isinstance(found, Hit) else None for found in heard]
    assert valid(answers, only.law) == [1.0, 0.0, 0.0]


@pytest.mark.slow
def test_the_article_holds_without_the_bonus_and_with_it(tmp_path):
    from die_always_four import BASE, ended, teach

    from evenodds.train.grpo import GrpoConfig

    without = teach(GrpoConfig(**BASE, seed=7), tmp_path / "without")
    bonus = teach(GrpoConfig(**BASE, entropy=0.1, seed=7), tmp_path / "with")
    assert ended(without.tv) > 0.6 and max(without.after, key=without.after.get) == "4"
    assert ended(bonus.tv) < 0.1 and sum(bonus.after.values()) > 0.95
