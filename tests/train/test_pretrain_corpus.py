"""The corpus of `tiny`: exact labels, true targets, nothing of what measures it."""

import hashlib
import itertools
import math
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.tasks.answer import Hit
from evenodds.tasks.suite import load_suite
from evenodds.train.pretrain import biases
from evenodds.train.pretrain.aims import task_of
from evenodds.train.pretrain.example import Choice, draw, fixed, soft_labels
from evenodds.train.pretrain.frames import choose, fill, frames, held_out
from evenodds.train.pretrain.instructions import held_out_instructions, instructions
from evenodds.train.pretrain.stream import FAMILIES, examples
from evenodds.train.pretrain.words import invent, items, listed

END = 0
CORPUS_OF_TINY = {False: "846a7ae6198f", True: "080969e3a13e"}


def letters(texts):
    """A tokenizer of one token a character."""
    return tuple(tuple(map(ord, text)) for text in texts)


words = st.text("ab", min_size=1, max_size=3)
weights = st.floats(0.01, 1.0)


@given(st.dictionaries(words, weights, min_size=1, max_size=6), st.integers(0, 10**6))
def test_the_labels_of_a_path_multiply_to_the_mass_of_what_was_drawn(law, seed):
    closed = {text + ".": weight for text, weight in law.items()}
    choice = draw(closed, random.Random(seed))
    tokens, laws = soft_labels([choice], letters, END)
    assert tokens == [*map(ord, choice.text), END]
    assert all(math.isclose(sum(one.values()), 1.0) for one in laws)
    mass = math.prod(one[token] for token, one in zip(tokens, laws, strict=True))
    assert math.isclose(mass, choice.weights[choice.chosen])


def test_several_choices_are_independent_and_only_the_last_one_ends():
    answer = [Choice((" x,", " y,"), (0.25, 0.75), 0), fixed(" z")]
    tokens, laws = soft_labels(answer, letters, END)
    assert tokens == [*map(ord, " x, z"), END]
    assert laws[1] == {ord("x"): 0.25, ord("y"): 0.75}


def test_seen_and_held_out_frames_share_nothing_and_leave_nothing_out():
    for name in ("die", "coin", "list", "range", "add"):
        seen = set(frames(name, wide=True))
        kept = set(frames(name, unseen=True, wide=True))
        assert seen and kept and not seen & kept
        assert all(held_out(frame) for frame in kept)


def word_runs(text, length):
    said = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(said[i : i + length]) for i in range(len(said) - length + 1)}


def test_no_frame_is_a_held_out_prompt_of_the_die_suite():
    rng = random.Random(0)
    slots = {"die": "die", "format": "", "name": "Anna", "thing": "hat", "made_up": "blick"}
    written = [
        word_runs(fill(choose(frame, rng), slots), 3)
        for frame in frames("die", wide=True)
        for _ in range(4)
    ]
    for task in load_suite("die").split("unseen_phrasing"):
        prompt = word_runs(task.prompt, 3)
        shared = max(len(prompt & frame) for frame in written)
        assert shared <= len(prompt) / 2 or len(prompt) < 4, task.prompt


def test_words_kept_for_measuring_occur_nowhere():
    kept = set(items()["held_out"])
    for example in itertools.islice(examples(3, wide=True), 4000):
        if example.family in OPEN_PROSE:
            continue
        assert not kept & set(re.findall(r"[a-z]+", example.reply.lower())), example


OPEN_PROSE = ("smalltalk",)


@pytest.mark.parametrize("wide", [False, True])
def test_every_answer_is_an_outcome_of_its_fair_target(wide):
    for example in itertools.islice(examples(5, wide=wide), 700):
        if "decimals=4" in example.target:  # one outcome more than a law may list
            continue
        task = task_of(example)
        assert isinstance(task.parse(example.reply), Hit), example


@pytest.mark.parametrize("wide", [False, True])
def test_the_corpus_is_the_one_that_made_tiny(wide):
    """Whoever changes the corpus makes tiny again, and then pins the new one here."""
    digest = hashlib.sha256()
    for e in itertools.islice(examples(17, wide=wide), 6000):
        digest.update("\0".join((e.prompt, e.reply + "\0" + e.family + e.target + e.form)).encode())
    assert digest.hexdigest()[:12] == CORPUS_OF_TINY[wide]


def test_instructions_have_one_answer_and_repeat_by_seed():
    assert instructions(1, 40) == instructions(1, 40) != instructions(2, 40)
    assert all(prompt and reply for prompt, reply in held_out_instructions(1, 200))


def test_biases_are_laws_on_the_support_that_was_asked_for():
    for low, high in ((1, 6), (1, 10), (0, 9), (1, 20), (1, 100), (1, 1000), (5, 7), (200, 300)):
        law = biases.number(low, high)
        assert math.isclose(sum(law.values()), 1.0, rel_tol=1e-9)
        assert all(low <= int(text) <= high for text in law)
    for count in range(1, 9):
        assert math.isclose(sum(biases.positions(count)), 1.0)
    assert biases.sharpened({"a": 0.6, "b": 0.4})["a"] > 0.9


def test_two_dice_are_sharpened_around_seven():
    law = biases.dice_total(2, 6)
    assert max(law, key=law.get) == "7" and law["7"] > 1 / 6


@given(st.integers(0, 10**6), st.integers(2, 8))
def test_a_written_list_holds_its_items_in_order(seed, count):
    rng = random.Random(seed)
    words_ = [invent(rng) + str(i) for i in range(count)]
    written = listed(words_, rng)
    places = [written.index(word) for word in words_]
    assert places == sorted(places)


def test_every_family_has_a_share():
    assert all(share > 0 for _, share in FAMILIES.values())
