"""Ordinary instructions with one right answer: what a model must not forget when it learns to roll.

`instructions(seed, n)` is what training replays; `held_out_instructions(seed, n)` measures, on
frames that the corpus never shows.
"""

import random
from functools import cache
from importlib.resources import files

import yaml

from evenodds.train.pretrain.example import Example, fixed
from evenodds.train.pretrain.frames import choose
from evenodds.train.pretrain.words import items, listed, several
from evenodds.train.pretrain.writer import Family, Writer, prompt, told

CAPITALS = {
    "France": "Paris",
    "Italy": "Rome",
    "Germany": "Berlin",
    "Spain": "Madrid",
    "Japan": "Tokyo",
    "Egypt": "Cairo",
    "Peru": "Lima",
    "Norway": "Oslo",
    "India": "New Delhi",
    "Cuba": "Havana",
    "Ireland": "Dublin",
    "Greece": "Athens",
    "Austria": "Vienna",
    "Poland": "Warsaw",
    "Portugal": "Lisbon",
    "Russia": "Moscow",
    "China": "Beijing",
    "Sweden": "Stockholm",
    "Finland": "Helsinki",
    "Denmark": "Copenhagen",
    "Hungary": "Budapest",
    "Canada": "Ottawa",
    "Chile": "Santiago",
    "Kenya": "Nairobi",
    "Turkey": "Ankara",
    "Iran": "Tehran",
    "Belgium": "Brussels",
    "Thailand": "Bangkok",
    "Iceland": "Reykjavik",
    "Scotland": "Edinburgh",
}
SOLIDS = {
    "a die": "6",
    "a cube": "6",
    "a coin": "2",
    "a d20": "20",
    "a d8": "8",
    "a d12": "12",
    "a d10": "10",
    "a d4": "4",
    "a normal die": "6",
    "a d6": "6",
    "a standard die": "6",
    "an octahedron": "8",
}


def add(writer: Writer) -> Example:
    """a + b, up to 20 each."""
    a, b = writer.rng.randint(0, 20), writer.rng.randint(0, 20)
    return told(writer, "add", writer.frame("add"), {"a": str(a), "b": str(b)}, str(a + b))


def subtract(writer: Writer) -> Example:
    """a - b without going below zero."""
    a = writer.rng.randint(1, 20)
    b = writer.rng.randint(0, a)
    return told(
        writer, "subtract", writer.frame("subtract"), {"a": str(a), "b": str(b)}, str(a - b)
    )


def _pair(writer: Writer) -> tuple[int, int]:
    top = writer.rng.choice((10, 20, 100))
    a, b = writer.rng.sample(range(top), 2)
    return a, b


def larger(writer: Writer) -> Example:
    """The larger of two numbers."""
    a, b = _pair(writer)
    return told(
        writer, "larger", writer.frame("larger"), {"a": str(a), "b": str(b)}, str(max(a, b))
    )


def smaller(writer: Writer) -> Example:
    """The smaller of two numbers."""
    a, b = _pair(writer)
    return told(
        writer, "smaller", writer.frame("smaller"), {"a": str(a), "b": str(b)}, str(min(a, b))
    )


def _some_text(writer: Writer) -> str:
    rng = writer.rng
    if writer.unseen_words:
        return " ".join(rng.sample(items()["held_out"], rng.randint(1, 3)))
    if rng.random() < 0.2:
        return str(rng.randint(0, 1000))
    return " ".join(several(rng.choice((1, 1, 2, 3, 4)), rng))


def copy(writer: Writer) -> Example:
    """The text, again."""
    text = _some_text(writer)
    return told(writer, "copy", writer.frame("copy"), {"text": text}, text)


def constant(writer: Writer) -> Example:
    """The text, and no roll."""
    text = _some_text(writer)
    return told(writer, "constant", writer.frame("constant"), {"text": text}, text)


def capital(writer: Writer) -> Example:
    """A capital city."""
    country = writer.rng.choice(tuple(CAPITALS))
    return told(writer, "capital", writer.frame("capital"), {"country": country}, CAPITALS[country])


def _listing(writer: Writer, most: int = 6) -> list[str]:
    return several(writer.rng.randint(2, most), writer.rng, unseen=writer.unseen_words)


def first(writer: Writer) -> Example:
    """The first item."""
    words = _listing(writer)
    return told(
        writer, "first", writer.frame("first"), {"items": listed(words, writer.rng)}, words[0]
    )


def last(writer: Writer) -> Example:
    """The last item."""
    words = _listing(writer)
    return told(
        writer, "last", writer.frame("last"), {"items": listed(words, writer.rng)}, words[-1]
    )


def nth(writer: Writer) -> Example:
    """The item of a given number."""
    words = _listing(writer)
    n = writer.rng.randint(1, len(words))
    slots = {"items": listed(words, writer.rng), "n": str(n)}
    return told(writer, "nth", writer.frame("nth"), slots, words[n - 1])


def count(writer: Writer) -> Example:
    """How many items."""
    words = _listing(writer, 8)
    return told(
        writer,
        "count",
        writer.frame("count"),
        {"items": listed(words, writer.rng)},
        str(len(words)),
    )


def reverse(writer: Writer) -> Example:
    """The list backwards."""
    words = _listing(writer, 5)
    slots = {"items": listed(words, writer.rng)}
    return told(writer, "reverse", writer.frame("reverse"), slots, ", ".join(words[::-1]))


def same_order(writer: Writer) -> Example:
    """The list again."""
    words = _listing(writer)
    slots = {"items": listed(words, writer.rng)}
    return told(writer, "same_order", writer.frame("same_order"), slots, ", ".join(words))


def opposite(writer: Writer) -> Example:
    """The face opposite another: they sum to seven."""
    n = writer.rng.randint(1, 6)
    return told(writer, "opposite", writer.frame("opposite"), {"n": str(n)}, str(7 - n))


def faces(writer: Writer) -> Example:
    """How many faces."""
    solid = writer.rng.choice(tuple(SOLIDS))
    return told(writer, "faces", writer.frame("faces"), {"solid": solid}, SOLIDS[solid])


def following(writer: Writer) -> Example:
    """The number after another."""
    n = writer.rng.choice((writer.rng.randint(0, 20), writer.rng.randint(0, 110)))
    return told(writer, "next", writer.frame("next"), {"n": str(n)}, str(n + 1))


def highest(writer: Writer) -> Example:
    """The most that a die can show: its number of sides, read from the prompt."""
    sides = writer.rng.choice((4, 6, 6, 8, 10, 12, 20, 100, writer.rng.randint(3, 60)))
    return told(writer, "highest", writer.frame("highest"), {"sides": str(sides)}, str(sides))


def lowest(writer: Writer) -> Example:
    """The least that a die can show."""
    sides = writer.rng.choice((4, 6, 6, 8, 10, 12, 20, 100, writer.rng.randint(3, 60)))
    return told(writer, "lowest", writer.frame("lowest"), {"sides": str(sides)}, "1")


@cache
def _talk() -> tuple[tuple[str, str], ...]:
    text = (files(__package__) / "frames" / "smalltalk.yaml").read_text(encoding="utf-8")
    return tuple((turn["q"], str(turn["a"])) for turn in yaml.safe_load(text))


def smalltalk(writer: Writer) -> Example:
    """A greeting, a thank-you, a fact."""
    question, reply = writer.rng.choice(_talk())
    return Example(
        prompt(writer, choose(question, writer.rng), {}),
        (fixed(f" {reply}"),),
        "smalltalk",
        f"fixed({reply!r})",
    )


INSTRUCTIONS: dict[str, tuple[Family, float]] = {
    "add": (add, 4.0),
    "subtract": (subtract, 3.0),
    "larger": (larger, 2.0),
    "smaller": (smaller, 2.0),
    "copy": (copy, 4.0),
    "constant": (constant, 1.5),
    "capital": (capital, 1.0),
    "first": (first, 1.5),
    "last": (last, 1.5),
    "nth": (nth, 2.0),
    "count": (count, 1.5),
    "reverse": (reverse, 1.5),
    "same_order": (same_order, 2.0),
    "opposite": (opposite, 1.0),
    "faces": (faces, 0.7),
    "next": (following, 1.0),
    "highest": (highest, 0.8),
    "lowest": (lowest, 0.5),
    "smalltalk": (smalltalk, 2.0),
}


def instructions(seed: int, n: int) -> list[tuple[str, str]]:
    """`n` prompts with their replies, as the corpus phrases them."""
    return _pairs(Writer(random.Random(seed)), n)


def held_out_instructions(seed: int, n: int) -> list[tuple[str, str]]:
    """`n` prompts with their replies, in frames that the corpus never shows."""
    return _pairs(Writer(random.Random(seed), unseen_frames=True), n)


def _pairs(writer: Writer, n: int) -> list[tuple[str, str]]:
    makers = [maker for maker, _ in INSTRUCTIONS.values()]
    weights = [weight for _, weight in INSTRUCTIONS.values()]
    examples = (maker(writer) for maker in writer.rng.choices(makers, weights, k=n))
    return [(example.prompt, example.reply) for example in examples]
