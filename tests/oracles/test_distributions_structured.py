"""Structured laws against itertools and against facts that anyone can look up."""

import itertools
import math
import re
import uuid
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from evenodds.distributions import (
    Pmf,
    card,
    choose,
    coin,
    dice,
    hand,
    lottery,
    markov,
    password,
    sequence,
    shuffle,
    subset,
    template,
    uniform,
    uuid4,
    where,
)
from evenodds.distributions.arrangements import deck

WORDS = ("ash", "birch", "cedar", "elm")


def uniform_over(texts: list[str]) -> Pmf[str]:
    return Pmf(Counter(texts))


def test_arrangements_are_itertools() -> None:
    assert shuffle(*WORDS).pmf() == uniform_over([*map(", ".join, itertools.permutations(WORDS))])
    assert choose(2, *WORDS, sep="+").pmf() == uniform_over(
        [*map("+".join, itertools.permutations(WORDS, 2))]
    )
    assert choose(3, *WORDS, ordered=False).pmf() == uniform_over(
        [*map(", ".join, itertools.combinations(WORDS, 3))]
    )
    repeated = ["a", "a", "b", "c", "c"]
    assert choose(3, *repeated, sep="").pmf() == uniform_over(
        [*map("".join, itertools.permutations(repeated, 3))]
    )
    numbers = [", ".join(map(str, draw)) for draw in itertools.combinations(range(1, 9), 3)]
    assert lottery(3, 8).pmf() == uniform_over(numbers)
    sets = [s for k in range(5) for s in itertools.combinations(WORDS, k)]
    assert subset(*WORDS).pmf() == uniform_over([", ".join(s) or "none" for s in sets])


def test_subsets_of_unequal_chance() -> None:
    law = subset("a", "b", "c", p=0.2)
    assert law.prob("a, c") == Fraction(1, 5) ** 2 * Fraction(4, 5)
    assert law.prob("none") == Fraction(4, 5) ** 3
    assert subset("a", "b", p=1).pmf() == Pmf.point("a, b")
    assert subset("a", "b", p=0).pmf() == Pmf.point("none")


@pytest.mark.parametrize(
    ("constraints", "meets"),
    [
        ({"digits": 1}, lambda n: n["digits"] >= 1),
        ({"digits": 2, "upper": 1}, lambda n: n["digits"] >= 2 and n["upper"] >= 1),
        ({"digits": [0, 1]}, lambda n: n["digits"] <= 1),
        ({"lower": [1, 2], "symbols": 1}, lambda n: 1 <= n["lower"] <= 2 and n["symbols"] >= 1),
        ({"digits": [0, 0]}, lambda n: n["digits"] == 0),
    ],
)
@pytest.mark.parametrize("distinct", [False, True])
def test_passwords_are_the_strings_that_meet_the_constraints(
    constraints: dict[str, int | list[int]], meets: object, distinct: bool
) -> None:
    alphabet = "abXY12!"
    classes = {"lower": "ab", "upper": "XY", "digits": "12", "symbols": "!"}
    strings = []
    for characters in itertools.product(alphabet, repeat=4):
        counts = {name: sum(c in group for c in characters) for name, group in classes.items()}
        if meets(counts) and not (distinct and len(set(characters)) < 4):  # type: ignore[operator]
            strings.append("".join(characters))
    law = password(4, alphabet, distinct=distinct, **constraints)  # type: ignore[arg-type]
    assert law.pmf() == uniform_over(strings)
    assert law.support_size == len(strings)


def test_password_alphabets() -> None:
    assert password(2).support_size == 62**2
    assert password(2, "hex").support_size == 16**2
    assert password(3, "lower digits symbols").support_size == 68**3
    assert password(1, "xyz").pmf() == uniform("x", "y", "z").pmf()


def test_sequences_templates_and_chains_are_products() -> None:
    die = dice("d4")
    triple = die.product(die).product(die).map(lambda t: f"{t[0][0]}, {t[0][1]}, {t[1]}")
    assert sequence(die, 3).pmf() == triple
    flips = template("{{{a}}}:{b}", a=coin(0.3), b=uniform(1, 2))
    assert flips.prob("{heads}:2") == Fraction(3, 20)
    assert template("plain {{}}").prob("plain {}") == 1
    weather = markov("s", {"s": {"s": 3, "r": 1}, "r": {"s": 1, "r": 1}}, 4, sep="")
    assert weather.prob("ssrs") == Fraction(3, 4) * Fraction(1, 4) * Fraction(1, 2)
    assert weather.prob("rsss") == 0


def test_the_long_run_of_a_chain() -> None:
    """From 3/4 to stay in sun and 1/2 to leave rain, sun's share of the last state tends to 2/3."""
    chain = markov("s", {"s": {"s": 3, "r": 1}, "r": {"s": 1, "r": 1}}, 12, sep="")
    last = chain.pmf().map(lambda text: text[-1])
    assert float(last.prob("s")) == pytest.approx(2 / 3, abs=1e-6)


def test_cards() -> None:
    """2,598,960 poker hands, 1,277 x 4 flushes and 40 straight flushes: 5,148 of one suit."""
    assert len(set(deck())) == card().support_size == 52
    assert card().prob("Queen of Hearts") == Fraction(1, 52)
    assert hand(5).support_size == 2_598_960
    assert hand(5, ordered=True).support_size == 311_875_200
    royal = "10 of Spades, Jack of Spades, Queen of Spades, King of Spades"
    assert hand(5).prob(f"Ace of Spades, {royal}") == Fraction(1, 2_598_960)
    assert hand(5).prob(f"{royal}, Ace of Spades") == 0
    pairs = hand(2).pmf().map(lambda text: len({c.split(" of ")[0] for c in text.split(", ")}))
    assert pairs.prob(1) == Fraction(1, 17)


def test_the_odds_of_lotteries() -> None:
    """6 of 49: 1 in 13,983,816 (national lotteries of Canada and Germany); 5 of 69: 11,238,513."""
    assert lottery(6, 49).prob("1, 2, 3, 4, 5, 6") == Fraction(1, 13_983_816)
    assert lottery(6, 49).prob("2, 1, 3, 4, 5, 6") == 0
    assert lottery(5, 69).support_size == 11_238_513


def test_uuids_are_version_4() -> None:
    law, rng = uuid4(), Random(4)
    assert law.support_size == 2**122
    assert law.entropy() == pytest.approx(122 * math.log(2), rel=1e-12)
    for _ in range(20):
        text = law.draw(rng)
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
        assert uuid.UUID(text).version == 4
        assert uuid.UUID(text).variant == uuid.RFC_4122
    example = str(uuid.UUID(int=Random(5).getrandbits(128), version=4))
    assert law.prob(example) == Fraction(1, 2**122)
    assert law.prob("00000000-0000-1000-8000-000000000000") == 0


def test_conditioning_a_structured_law() -> None:
    derangements = where(shuffle(1, 2, 3, sep=""), 'text in ["231", "312"]')
    assert derangements.support_size == 2
    two_heads = where(sequence(coin(0.5, "H", "T"), 4, sep=""), '"HH" in text')
    assert two_heads.support_size == 8
