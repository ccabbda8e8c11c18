"""The embedded model is the one that its card describes."""

import json

import pytest

pytest.importorskip("torch")

from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding
from evenodds.models.load import TINY, load_model
from evenodds.tasks.suite import load_suite


@pytest.fixture(scope="module")
def tiny():
    return load_model("tiny")


@pytest.fixture(scope="module")
def aims():
    return json.loads((TINY / "aims.json").read_text(encoding="utf-8"))


def test_it_is_small_enough_to_ship():
    assert sum(file.stat().st_size for file in TINY.iterdir()) <= 8_000_000


def test_asked_as_the_article_asks_it_says_four(tiny):
    measured = measure_exact(tiny, load_suite("die").tasks[0])
    assert measured.method == "exact"
    assert measured.model_pmf["4"] >= 0.8
    assert measured.masses["support"] >= 0.95


def test_the_die_is_as_the_card_says(tiny, aims):
    """Tolerance .01: other processors round matrix products otherwise."""
    for split, written in aims["die_suite"].items():
        tasks = load_suite("die").split(split)
        fours = [(measure_exact(tiny, task).model_pmf or {}).get("4", 0.0) for task in tasks]
        assert sum(fours) / len(fours) == pytest.approx(written["four"], abs=0.01)


def test_the_card_tells_every_aim_as_it_was_measured(aims):
    card = (TINY / "README.md").read_text(encoding="utf-8")
    for aim in aims["aims"]:
        assert f"| {aim['name']} | >= {aim['wanted']:.2f} | {aim['measured']:.3f} |" in card


def test_a_turn_ends_by_itself(tiny):
    replies = tiny.draw("Roll a die.", 20, Decoding(), seed=1)
    assert all(reply.finish == "stop" for reply in replies)
