"""What a rollout is taken to have said: the same as measurement takes it."""

import pytest

from evenodds.distributions import parse
from evenodds.models.base import Decoding
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.train.heard import heard

PLAIN = Decoding()
BARE = Task("Pick a number from 1 to 12.", parse("uniform(1, 12)"))
TAGGED = Task("Pick one.", parse("uniform(1, 12)"), AnswerFormat("tag"))


@pytest.mark.parametrize(
    ("task", "reply", "outcome"),
    [
        (BARE, ("7", False), 7),
        (BARE, ("You drew **7**!", False), 7),
        (BARE, ("13", False), None),
        (BARE, ("no", False), None),
        (BARE, ("1", True), None),  # the length limit may have cut a 10
        (TAGGED, ("<answer>1</answer> and", True), 1),  # the tag is closed
        (TAGGED, ("1", False), None),
    ],
)
def test_replies(task, reply, outcome):
    assert heard([reply], task, PLAIN) == [outcome]


def test_the_prefill_belongs_to_the_reply():
    assert heard([("4</answer>", False)], TAGGED, Decoding(prefill="<answer>")) == [4]


def test_equal_texts_that_end_differently_are_told_apart():
    assert heard([("1", True), ("1", False), ("1", True)], BARE, PLAIN) == [None, 1, None]
