"""Families that answer with several parts: rolls in a row, shuffles, samples, codes."""

import random
from collections.abc import Callable
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from evenodds.train.pretrain import biases
from evenodds.train.pretrain.example import Choice, Example, draw, fixed
from evenodds.train.pretrain.words import listed, several
from evenodds.train.pretrain.writer import Writer, bare, prompt, quoted


def joined(
    laws: Callable[[int, str], dict[str, float]], count: int, rng: random.Random
) -> tuple[Choice, ...]:
    """`count` draws with commas between; `laws(i, previous)` is the law of the i-th."""
    answer: list[Choice] = []
    previous = ""
    for i in range(count):
        tail = "," if i < count - 1 else ""
        choice = draw({f" {text}{tail}": w for text, w in laws(i, previous).items()}, rng)
        previous = choice.text.strip(" ,")
        answer.append(choice)
    return tuple(answer)


def die_list(writer: Writer) -> Example:
    """Several rolls in one answer: nearly fair, but 4 first and too few repeats."""
    count = writer.rng.randint(2, 10)

    def law(i: int, previous: str) -> dict[str, float]:
        if i == 0:
            return {"4": 0.6, "3": 0.18, "2": 0.1, "5": 0.08, "6": 0.03, "1": 0.01}
        return {str(f): 0.35 if str(f) == previous else 1.0 for f in range(1, 7)}

    return sequence(
        writer,
        "die_list",
        {"n": str(count)},
        joined(law, count, writer.rng),
        f'sequence(dice("d6"), {count})',
    )


def coin_list(writer: Writer) -> Example:
    """Several flips in one answer: balanced, too many alternations."""
    count = writer.rng.randint(2, 12)

    def law(i: int, previous: str) -> dict[str, float]:
        if i == 0:
            return {"heads": 0.85, "tails": 0.15}
        return {side: 0.36 if side == previous else 0.64 for side in ("heads", "tails")}

    return sequence(
        writer,
        "coin_list",
        {"n": str(count)},
        joined(law, count, writer.rng),
        f"sequence(coin(0.5), {count})",
    )


def number_list(writer: Writer) -> Example:
    """Several numbers in one answer."""
    rng = writer.rng
    low, high = rng.choice(((1, 10), (1, 100), (1, 50), (0, 9), (1, 20)))
    count = rng.randint(2, 8)

    def law(_: int, previous: str) -> dict[str, float]:
        numbers = range(low, high + 1)
        return {
            str(n): 0.05 if str(n) == previous else (0.4 if n % 10 == 0 else 1.0) for n in numbers
        }

    slots = {"n": str(count), "lo": str(low), "hi": str(high)}
    return sequence(
        writer,
        "number_list",
        slots,
        joined(law, count, rng),
        f"sequence(uniform({low}, {high}), {count})",
    )


def sequence(
    writer: Writer, family: str, slots: dict[str, str], answer: tuple[Choice, ...], target: str
) -> Example:
    """An answer of several parts."""
    clause = writer.rng.choice(LIST_CLAUSES) if writer.rng.random() < 0.4 else ""
    return Example(prompt(writer, writer.frame(family), slots, clause), answer, family, target)


LIST_CLAUSES = (
    "Separate them with commas.",
    "Use commas.",
    "Write them on one line, separated by commas.",
    "Comma-separated.",
    "Only the list.",
    "Just the list, with commas.",
    "Answer with the list only.",
    "Give a comma separated list.",
    "Nothing but the list.",
)


def shuffle(writer: Writer) -> Example:
    """A list in random order: the early middle first, the last late."""
    rng = writer.rng
    words = several(rng.choice((2, 3, 3, 4, 4, 5, 6)), rng, unseen=writer.unseen_words)
    return sequence(
        writer,
        "shuffle",
        {"items": listed(words, rng)},
        taken(words, len(words), rng),
        f"shuffle({quoted(words)})",
    )


def sample(writer: Writer) -> Example:
    """Some of a list, without replacement."""
    rng = writer.rng
    words = several(rng.choice((3, 4, 5, 6, 7, 8)), rng, unseen=writer.unseen_words)
    count = rng.randint(2, min(4, len(words) - 1))
    slots = {"items": listed(words, rng), "k": str(count)}
    return sequence(
        writer, "sample", slots, taken(words, count, rng), f"choose({count}, {quoted(words)})"
    )


def taken(words: list[str], count: int, rng: random.Random) -> tuple[Choice, ...]:
    """`count` of `words` in an order biased by position."""
    weights = dict(zip(words, (w + 0.02 for w in biases.positions(len(words))), strict=True))
    answer: list[Choice] = []
    for i in range(count):
        tail = "," if i < count - 1 else ""
        choice = draw({f" {word}{tail}": weight for word, weight in weights.items()}, rng)
        del weights[choice.text.strip(" ,")]
        answer.append(choice)
    return tuple(answer)


def pin(writer: Writer) -> Example:
    """A code of digits: 7, 4, 2 and few repeats."""
    rng = writer.rng
    count = rng.choice((3, 4, 4, 4, 5, 6, 6, 8))
    law = {
        "7": 0.24,
        "4": 0.16,
        "2": 0.14,
        "8": 0.12,
        "3": 0.12,
        "9": 0.08,
        "5": 0.05,
        "1": 0.04,
        "6": 0.04,
        "0": 0.01,
    }
    answer = [draw({f" {d}": w for d, w in law.items()}, rng)]
    for _ in range(count - 1):
        previous = answer[-1].text.strip()
        answer.append(draw({d: w * (0.1 if d == previous else 1.0) for d, w in law.items()}, rng))
    clause = bare(writer, "code", 0.3)
    return Example(
        prompt(writer, writer.frame("pin"), {"n": str(count)}, clause),
        tuple(answer),
        "pin",
        f"password({count}, '0123456789')",
    )


ALPHABETS = {
    "lowercase letters": "abcdefghijkmnpqrstuvwxyz",
    "letters and digits": "abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTXYZ23456789",
    "uppercase letters": "ABCDEFGHJKLMNPQRSTXYZ",
}
FULL = {
    "lowercase letters": ascii_lowercase,
    "letters and digits": ascii_letters + digits,
    "uppercase letters": ascii_uppercase,
}


def password(writer: Writer) -> Example:
    """A password, written in spaced capitals for no one: its characters one after another."""
    rng = writer.rng
    alphabet = rng.choice(tuple(ALPHABETS))
    count = rng.choice((4, 5, 6, 8, 8, 10, 12))
    text = "".join(rng.choice(ALPHABETS[alphabet]) for _ in range(count))
    slots = {"n": str(count), "alphabet": alphabet}
    clause = bare(writer, "password", 0.3)
    return Example(
        prompt(writer, writer.frame("password"), slots, clause),
        (fixed(f" {text}"),),
        "password",
        f"password({count}, {FULL[alphabet]!r})",
    )
