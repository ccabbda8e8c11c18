"""Replies are read as what they are, whatever they are, and the same way every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.models.base import Reply
from evenodds.survey.question import QUESTIONS
from evenodds.survey.reading import KINDS, read

COIN, TWELVE = QUESTIONS["coin"], QUESTIONS["twelve"]
BARE, TAG, PREFIX = (COIN.by_key[f"p{f}.own.o1"] for f in (2, 7, 8))
LIST = TWELVE.by_key["p1.own.o0"]
JSON = QUESTIONS["coin_structured"].by_key["p2.own.o1.json"]
FLIPS = ", ".join(["heads", "tails"] * 6)


@pytest.mark.parametrize(
    ("cell", "text", "finish", "found"),
    [
        (BARE, "tails", "stop", ("outcome", 1, 0)),
        (BARE, "It came up **heads**!", "stop", ("outcome", 0, 1)),
        (BARE, "edge", "stop", ("off_support", None, None)),
        (BARE, "heads or tails, who can say?", "stop", ("malformed", None, None)),
        (BARE, "I'm sorry, but I cannot flip coins.", "stop", ("refused", None, None)),
        (BARE, "No.", "refusal", ("refused", None, None)),
        (BARE, "heads", "filter", ("filtered", None, None)),
        (BARE, "", "filter", ("filtered", None, None)),
        (BARE, "", "stop", ("empty", None, None)),
        (BARE, " \n", "stop", ("empty", None, None)),
        (BARE, "<think>hm</think>\n", "stop", ("empty", None, None)),
        (BARE, "", "length", ("truncated", None, None)),
        (BARE, "heads", "length", ("truncated", None, None)),
        (BARE, "<think>heads, or", "length", ("truncated", None, None)),
        (BARE, "<think>heads, or", "stop", ("truncated", None, None)),
        (BARE, "<think>heads?</think>tails", "stop", ("outcome", 1, 0)),
        (TAG, "<answer>heads</answer> because", "length", ("outcome", 0, 1)),
        (TAG, "<answer>hea", "length", ("truncated", None, None)),
        (TAG, "heads", "stop", ("malformed", None, None)),
        (PREFIX, "Explanations: none.\nOutput: tails", "stop", ("outcome", 1, 0)),
        (PREFIX, "Output: 7", "stop", ("off_support", None, None)),
        (JSON, '{"answer": "heads"}', "stop", ("outcome", 0, 1)),
        (JSON, '{"answer": "edge"}', "stop", ("off_support", None, None)),
        (JSON, "heads", "stop", ("malformed", None, None)),
        (LIST, FLIPS, "stop", ("outcome", 6, 0)),
        (LIST, FLIPS + ", heads", "stop", ("malformed", None, None)),
        (LIST, FLIPS[:-7] + ", edge", "stop", ("off_support", None, None)),
        (LIST, FLIPS, "length", ("truncated", None, None)),
        (LIST, "I'm sorry, I can't flip coins.", "stop", ("refused", None, None)),
    ],
)
def test_a_reply_is_read_as_what_it_is(cell, text, finish, found):
    question = next(q for q in (COIN, TWELVE, QUESTIONS["coin_structured"]) if _in(q, cell))
    reading = read(question, cell, Reply(text, finish))
    assert (reading.kind, reading.outcome, reading.position) == found
    assert reading.text == text and reading.valid == (reading.kind == "outcome")


def _in(question, cell):
    return question.by_key.get(cell.key) is cell


def test_a_list_keeps_its_draws():
    found = read(TWELVE, LIST, Reply(FLIPS, "stop"))
    assert found.items == (0, 1) * 6


def test_no_position_where_it_would_be_the_outcome():
    article = QUESTIONS["coin_article"]
    found = read(article, article.cells[0], Reply("Explanations: x\nOutput: 1", "stop"))
    assert (found.outcome, found.position) == (1, None)


words = st.sampled_from(["heads", "tails", "<think>", "</think>", "I cannot", "Output:", ",", "\n"])


@given(
    st.one_of(st.text(max_size=80), st.lists(words, max_size=12).map(" ".join)),
    st.sampled_from(["stop", "length", "refusal", "filter"]),
    st.sampled_from([(COIN, BARE), (COIN, TAG), (COIN, PREFIX), (TWELVE, LIST)]),
)
def test_reading_is_total_and_repeatable(text, finish, asked):
    question, cell = asked
    found = read(question, cell, Reply(text, finish))
    assert found.kind in KINDS and found.valid == (found.kind == "outcome")
    assert (found.position is None) == (found.outcome is None)
    cell.readings.clear()
    assert read(question, cell, Reply(text, finish)) == found
