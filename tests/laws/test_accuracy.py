"""Accuracy on twins is what the model's own law says, spellings counted, random tasks passed by."""

import pytest

from evenodds.distributions import Pmf, parse
from evenodds.errors import SuiteError
from evenodds.measure.accuracy import accuracy, right
from evenodds.measure.exact import measure_exact
from evenodds.models.scripted import Scripted
from evenodds.tasks.suite import load_suite
from evenodds.tasks.task import Task

SEVEN = Task("What is 3 + 4?", parse("fixed(7)"), kind="deterministic")
DIE = Task("Roll a die.", parse("uniform(1, 6)"))


def test_every_spelling_of_the_right_answer_counts() -> None:
    model = Scripted(
        "sums", Pmf({"7": 5, "seven": 2, "It is **7**.": 1, "8": 1, "I cannot say": 1})
    )
    p, left = right(model, SEVEN)
    assert p == pytest.approx(0.8)
    assert left == pytest.approx(0, abs=1e-6)


def test_it_is_one_minus_the_tv_of_the_twin() -> None:
    model = Scripted("sums", Pmf({"7": 3, "8": 1}))
    tv = measure_exact(model, SEVEN)["tv"]
    assert tv is not None
    assert right(model, SEVEN)[0] == pytest.approx(1 - tv)


def test_the_mean_is_over_twins_alone() -> None:
    model = Scripted("seven", Pmf({"7": 9, "4": 1}))
    four = Task("What is 2 + 2?", parse("fixed(4)"), kind="deterministic")
    found = accuracy(model, [SEVEN, DIE, four])
    assert found.value == pytest.approx((0.9 + 0.1) / 2)
    assert found.n == 2


def test_random_tasks_have_no_right_answer() -> None:
    model = Scripted("seven", Pmf({"7": 1}))
    with pytest.raises(SuiteError, match=r"'Roll a die\.' is a random task"):
        right(model, DIE)
    with pytest.raises(SuiteError, match="none of the tasks"):
        accuracy(model, load_suite("die"))
