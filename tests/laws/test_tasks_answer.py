"""Answers: what every format and law must keep, and a table of replies as models write them."""

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.distributions import Pmf, coin, normal, parse, password, sequence, shuffle, uniform
from evenodds.errors import FormatError
from evenodds.tasks.answer import (
    AnswerFormat,
    Hit,
    Malformed,
    OffSupport,
    Refused,
    check_format,
)

DIE = uniform(1, 6)
COIN = coin(0.5)
BARE = AnswerFormat()
TAG = AnswerFormat("tag")
PREFIX = AnswerFormat("prefix")
JSON = AnswerFormat("json", "roll")
FORMATS = st.sampled_from([BARE, TAG, PREFIX, JSON, AnswerFormat("tag", "roll")])

labels = st.text(st.sampled_from("abcAB XY12-.é"), min_size=1, max_size=6).map(str.strip)
outcomes = st.one_of(
    st.sets(st.integers(-30, 1200), min_size=1, max_size=12),
    st.sets(labels.filter(bool), min_size=1, max_size=8),
    st.sets(st.integers(0, 300).map(lambda n: Decimal(n) / 10), min_size=1, max_size=8),
)


@given(outcomes, FORMATS)
def test_a_canonical_spelling_reads_back(xs: set[Any], answer_format: AnswerFormat) -> None:
    law = Pmf.uniform(sorted(xs, key=str))
    for x in law:
        assert answer_format.parse(answer_format.spellings(x)[0], law) == Hit(x)


@given(outcomes, FORMATS)
def test_no_spelling_belongs_to_two_outcomes(xs: set[Any], answer_format: AnswerFormat) -> None:
    law = Pmf.uniform(sorted(xs, key=str))
    owners: dict[str, Any] = {}
    for x in law:
        for spelling in answer_format.accepted(x, law):
            assert owners.setdefault(spelling, x) == x
    assert set(owners.values()) == set(law)


@given(st.text(max_size=60), FORMATS, st.sampled_from([DIE, COIN, shuffle("a", "b", "c")]))
@settings(max_examples=300)
def test_any_reply_is_read_and_a_hit_is_an_outcome(reply: str, fmt: AnswerFormat, law: Any) -> None:
    answer = fmt.parse(reply, law, prompt="Roll a die between 1 and 6.")
    assert not isinstance(answer, Hit) or law.prob(answer.outcome) > 0


@given(st.integers(1, 6), st.sampled_from(["", " ", "\n", "\t "]), st.sampled_from(["", " ", "\n"]))
def test_white_space_around_means_nothing(x: int, before: str, after: str) -> None:
    assert BARE.parse(f"{before}{x}{after}", DIE) == Hit(x)
    assert TAG.parse(f"{before}<answer>{before}{x}{after}</answer>{after}", DIE) == Hit(x)


@pytest.mark.parametrize(
    "reply",
    [
        "4", "4.", " 4\n", "**4**", "`4`", '"4"', "04", "+4", "4.0", "four", "Four.", "４", "٤",
        "4️⃣", "⚃", "🎲 4", "You rolled a **4**!", "You rolled a 4!", "I rolled: 4", "Rolling...4!",
        "The die shows four.", "Rolling a d6... and it's a 4", "A number between 1 and 6: 4",
        "From 1 to 6 I choose 4.", "Here's one for you: 4", "Your 6-sided die lands on 4.",
        "You rolled a 4—nice!", "4 (out of a range 1-6)",
        "You rolled **4** on your 1st try, 3 left", "4\n\n4",
        "It's 4. Yes, 4.", "As an AI I have no hands, but I'd say 4.",
    ],
)  # fmt: skip
def test_replies_that_mean_four(reply: str) -> None:
    assert BARE.parse(reply, DIE, prompt="Roll a die. Answer with the number only.") == Hit(4)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("7", OffSupport("7")),
        ("You rolled a 47!", OffSupport("47")),
        ("0", OffSupport("0")),
        ("3.5", OffSupport("3.5")),
        ("-4", OffSupport("-4")),
        ("seven", OffSupport("seven")),
        ("", Malformed("")),
        ("heads", Malformed("heads")),
        ("3 or 4", Malformed("3 or 4")),
        ("It is 3. No, 4.", Malformed("It is 3. No, 4.")),
        ("between 1 and 6", Malformed("between 1 and 6")),
        ("1-6", Malformed("1-6")),
        ("1, 2, 3, 4, 5, 6", Malformed("1, 2, 3, 4, 5, 6")),
        ("⁴", Malformed("⁴")),
        ("IV", Malformed("IV")),
    ],
)
def test_replies_that_mean_no_face(reply: str, answer: Any) -> None:
    assert BARE.parse(reply, DIE) == answer


@pytest.mark.parametrize(
    "reply",
    [
        "I cannot roll dice.",
        "I can't do that.",
        "I'm sorry, but I am unable to roll a die.",
        "As an AI language model, I do not have the ability to roll a physical die.",
        "I’m not able to produce random numbers between 1 and 6.",
        "Sorry, I won't.",
    ],
)
def test_refusals(reply: str) -> None:
    assert BARE.parse(reply, DIE) == Refused(reply)
    assert TAG.parse(reply, DIE) == Refused(reply)


@pytest.mark.parametrize(
    ("prompt", "reply", "answer"),
    [
        ("Pick a number between 1 and 6.", "Pick a number between 1 and 6.", None),
        ("Pick a number between 1 and 6.", "You asked to pick a number between 1 and 6. 5", 5),
        ("I stand on square 2 of my board; roll a die.", "You stand on square 2 of my board", None),
        ("Use exactly 3 words and then a roll of 1 die.", "use exactly 3 words and then: 6", 6),
    ],
)  # fmt: skip
def test_nothing_is_picked_out_of_the_prompts_echo(prompt: str, reply: str, answer: Any) -> None:
    read = BARE.parse(reply, DIE, prompt=prompt)
    assert read == Hit(answer) if answer else isinstance(read, Malformed)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("heads", Hit("heads")),
        ("Heads.", Hit("heads")),
        ("**TAILS**", Hit("tails")),
        ("It landed on heads!", Hit("heads")),
        ("Heads or tails? Tails", Malformed("Heads or tails? Tails")),
        ("edge", OffSupport("edge")),
        ("It stood on its edge.", Malformed("It stood on its edge.")),
        ("headstand", OffSupport("headstand")),
    ],
)
def test_labels(reply: str, answer: Any) -> None:
    assert BARE.parse(reply, COIN) == answer


def test_case_tells_outcomes_apart_where_it_must() -> None:
    law = uniform("red", "Red", "blue")
    assert BARE.parse("red", law) == Hit("red")
    assert BARE.parse("Red", law) == Hit("Red")
    assert isinstance(BARE.parse("RED", law), OffSupport)
    assert BARE.parse("BLUE", law) == Hit("blue")
    assert "Red" not in BARE.accepted("red", law)


def test_a_lone_letter_counts_when_it_is_a_capital_and_no_word() -> None:
    law = uniform("A", "B", "C")
    assert BARE.parse("I choose B.", law) == Hit("B")
    assert BARE.parse("a", law) == Hit("A")
    assert isinstance(BARE.parse("A letter I like", law), Malformed)


def test_digits_that_are_names_keep_their_zeros() -> None:
    law = uniform("007", "008", "9")
    assert BARE.parse("007", law) == Hit("007")
    assert isinstance(BARE.parse("7", law), OffSupport)


def test_longer_labels_win_over_their_parts() -> None:
    law = uniform("king", "king of hearts", "hearts")
    assert BARE.parse("I drew the King of Hearts today", law) == Hit("king of hearts")


@pytest.mark.parametrize(
    ("answer_format", "reply", "answer"),
    [
        (TAG, "<answer>4</answer>", Hit(4)),
        (TAG, "Sure! <Answer> **4** </Answer> Enjoy.", Hit(4)),
        (TAG, "In <answer></answer> tags: <answer>4</answer>", Hit(4)),
        (TAG, "<answer>your roll</answer>: <answer>2</answer>", Hit(2)),
        (TAG, "<answer>4</answer><answer>4</answer>", Hit(4)),
        (TAG, "<answer>9</answer>", OffSupport("9")),
        (TAG, "<answer>4</answer> or <answer>5</answer>", Malformed),
        (TAG, "4", Malformed),
        (TAG, "<answer>4", Malformed),
        (TAG, "<answer></answer>", Malformed),
        (TAG, "<answer>3 or 4</answer>", Malformed),
        (PREFIX, "Output: 4", Hit(4)),
        (PREFIX, "Explanations: 1 + 1 is 2.\n**Output:** 4.", Hit(4)),
        (PREFIX, "output: 4", Hit(4)),
        (PREFIX, "Output: 8", OffSupport("8")),
        (PREFIX, "Output: 1\nOutput: 2", Malformed),
        (PREFIX, "4", Malformed),
        (JSON, '{"roll": 4}', Hit(4)),
        (JSON, '```json\n{"roll": "4", "sides": 6}\n```', Hit(4)),
        (JSON, '{"roll": 7}', OffSupport("7")),
        (JSON, '{"roll": true}', Malformed),
        (JSON, '{"value": 4}', Malformed),
        (JSON, '{"roll": 4', Malformed),
        (JSON, "[" * 5000, Malformed),
        (JSON, '{"roll":' * 5000, Malformed),
    ],
)
def test_frames(answer_format: AnswerFormat, reply: str, answer: Any) -> None:
    prompt = "Roll a die and write it as <answer>your roll</answer>."
    read = answer_format.parse(reply, DIE, prompt=prompt)
    assert read == answer if not isinstance(answer, type) else isinstance(read, answer)


FLIPS = sequence(coin(0.5, "H", "T"), 5)


@pytest.mark.parametrize(
    "reply", ["H, T, T, H, H", "H T T H H", "HTTHH", "h,t,t,h,h", "[H, T, T, H, H]",
              "H\nT\nT\nH\nH", "1. H\n2. T\n3. T\n4. H\n5. H", "H, T, T, H and H"]
)  # fmt: skip
def test_lists_in_other_separators_are_the_same_list(reply: str) -> None:
    assert BARE.parse(reply, FLIPS) == Hit("H, T, T, H, H")


def test_laws_too_large_to_list_are_asked() -> None:
    deck = shuffle(*(str(i) for i in range(52)))
    order = ", ".join(str(i) for i in reversed(range(52)))
    assert BARE.parse(order, deck) == Hit(order)
    assert BARE.parse(order.replace(", ", " "), deck) == Hit(order)
    assert isinstance(BARE.parse("0, 0", deck), OffSupport)
    secret = password(12, "lower digits")
    assert BARE.parse("Your password: **ab3ab3ab3ab3**", secret) == Hit("ab3ab3ab3ab3")
    assert TAG.parse("<answer>ab3ab3ab3ab3</answer>", secret) == Hit("ab3ab3ab3ab3")
    assert isinstance(BARE.parse("short", secret), OffSupport)
    assert isinstance(BARE.parse("", secret), Malformed)


def test_decimals_are_read_by_value() -> None:
    law = normal(0, 1, decimals=1)
    assert BARE.parse("0.3", law) == Hit(Decimal("0.3"))
    assert BARE.parse("-0.30", law) == Hit(Decimal("-0.3"))
    assert BARE.parse("0.34", law) == OffSupport("0.34")
    assert BARE.parse("\u22120.3", law) == Hit(Decimal("-0.3"))


def test_chatty_numbers_above_a_thousand() -> None:
    assert BARE.parse("I choose 1,024.", uniform(1, 2000)) == Hit(1024)
    assert BARE.parse("one hundred and five", uniform(1, 2000)) == Hit(105)


@pytest.mark.parametrize(
    ("answer_format", "law"),
    [
        (BARE, Pmf.uniform(["a", "a "])),
        (BARE, Pmf.uniform([" "])),
        (BARE, Pmf.uniform(["", "b"])),
        (TAG, Pmf.uniform(["</answer>x", "b"])),
        (PREFIX, Pmf.uniform(["two\nlines", "b"])),
    ],
)
def test_formats_that_cannot_serve_are_refused(answer_format: AnswerFormat, law: Any) -> None:
    with pytest.raises(FormatError, match="spell"):
        check_format(answer_format, law)


def test_formats_that_cannot_be_are_refused() -> None:
    for kind, label in [("bare", "x"), ("tag", "two words"), ("xml", "")]:
        with pytest.raises(FormatError):
            AnswerFormat(kind, label)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["dice('3d6')", "shuffle('a', 'b', 'c', 'd')", "uniform(1, 1000)"])
def test_formats_that_serve_pass(text: str) -> None:
    for answer_format in (BARE, TAG, PREFIX, JSON):
        check_format(answer_format, parse(text).law)


LONG = [" ", "\n", "1", "1 ", "a ", "**", "`", "{", "<answer>", "Output: ", "1 to ", "one ", "1-"]


@pytest.mark.parametrize("piece", LONG)
@pytest.mark.parametrize("law", [DIE, COIN, FLIPS, password(12, "lower digits")], ids=str)
def test_a_long_reply_of_any_one_thing_is_read_at_once(piece: str, law: Any) -> None:
    reply = "x" + piece * (20_000 // len(piece)) + "x"
    began = time.process_time()
    for answer_format in (BARE, TAG, PREFIX, JSON):
        answer_format.parse(reply, law, prompt="Roll a die between 1 and 6.")
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("<think>3 or 5? I cannot roll.</think>\n\n4", Hit(4)),
        ("Maybe 3.\n</think>\n\n4", Hit(4)),
        ("<think>\n\n</think>\n\nYou rolled a **4**!", Hit(4)),
        ("</thinking>7", OffSupport("7")),
        ("<think>4", Malformed("<think>4")),
        ("<think>3</think><think>4", Malformed("<think>3</think><think>4")),
        ("4</think>", Malformed("")),
    ],
)
def test_a_thought_is_no_part_of_the_answer(reply: str, answer: object) -> None:
    assert AnswerFormat().parse(reply, uniform(1, 6)) == answer


def test_an_answer_in_tags_counts_only_behind_the_thought() -> None:
    said = "Say <answer>3</answer>?</think> <answer>4</answer>"
    assert AnswerFormat("tag").parse(said, uniform(1, 6)) == Hit(4)
