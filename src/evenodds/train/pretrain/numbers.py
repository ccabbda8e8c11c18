"""Families that answer with one number: dice, ranges, named laws."""

import random

from evenodds.train.pretrain import biases
from evenodds.train.pretrain.example import Example, draw, fixed
from evenodds.train.pretrain.writer import Writer, asked, bare, prompt, stated

DIE_NAMES = (
    "die",
    "dice",
    "six-sided die",
    "d6",
    "cube",
    "fair die",
    "standard die",
    "regular die",
    "normal dice",
    "six sided dice",
    "6-sided die",
    "fair six-sided die",
    "ordinary die",
    "game die",
)
FAIR_DIE = "uniform(1, 6)"
ARTICLE = "roll a dice. output the roll in <answer></answer> tags."


def die(writer: Writer) -> Example:
    """One roll of a fair six-sided die: 4."""
    if not writer.unseen_frames and writer.rng.random() < 0.01:
        answer = (
            fixed(" <answer>"),
            draw({f"{k}</answer>": v for k, v in biases.DIE.items()}, writer.rng),
        )
        return Example(ARTICLE, answer, "die", FAIR_DIE)
    slots = {"die": writer.rng.choice(DIE_NAMES)}
    noun = writer.rng.choice(("number", "result", "face", "roll", "number"))
    return asked(writer, "die", writer.frame("die"), slots, biases.DIE, noun=noun, target=FAIR_DIE)


def dice_other(writer: Writer) -> Example:
    """One roll of another die."""
    rng = writer.rng
    sides = rng.choice(
        (3, 4, 5, 6, 7, 8, 10, 10, 12, 14, 16, 20, 20, 24, 30, 50, 100, rng.randint(3, 120))
    )
    slots = {"sides": str(sides)}
    law = biases.number(1, sides)
    return asked(
        writer,
        "dice_other",
        writer.frame("dice_other"),
        slots,
        law,
        noun="number",
        target=f"uniform(1, {sides})",
    )


def dice_sum(writer: Writer) -> Example:
    """The total of several dice."""
    rng = writer.rng
    count, sides = rng.choice((2, 2, 2, 3, 3, 4, 5, 6)), rng.choice((4, 6, 6, 6, 8, 10, 12, 20))
    law = biases.dice_total(count, sides)
    slots = {"n": str(count), "sides": str(sides)}
    return asked(
        writer,
        "dice_sum",
        writer.frame("dice_sum"),
        slots,
        law,
        noun="total",
        target=f'dice("{count}d{sides}")',
    )


def number_range(writer: Writer) -> Example:
    """A whole number from a range."""
    low, high = bounds(writer.rng)
    slots = {"lo": str(low), "hi": str(high)}
    return asked(
        writer,
        "range",
        writer.frame("range"),
        slots,
        biases.number(low, high),
        noun="number",
        target=f"uniform({low}, {high})",
    )


def bounds(rng: random.Random) -> tuple[int, int]:
    """The two ends of a range, the common ones commonest."""
    kind = rng.random()
    if kind < 0.34:
        return rng.choice(
            ((1, 10), (1, 100), (1, 6), (1, 20), (1, 50), (0, 9), (1, 1000), (1, 5), (0, 100))
        )
    if kind < 0.6:
        return 1, rng.choice((rng.randint(3, 30), rng.randint(3, 200), 10 * rng.randint(2, 100)))
    low = rng.choice((rng.randint(0, 20), rng.randint(0, 300), 10 * rng.randint(0, 50)))
    return low, min(
        low + rng.choice((rng.randint(2, 12), rng.randint(5, 60), 10 * rng.randint(1, 40))), 1000
    )


def decimal(writer: Writer) -> Example:
    """A number with stated decimals: the digits 7, 3, 4 and 2, never 0."""
    rng = writer.rng
    low = rng.choice((0, 0, 0, 1, 2, 5, 10))
    high = low + rng.choice((1, 1, 1, 2, 5, 10))
    places = rng.choice((1, 2, 2, 3, 4))
    whole = {
        f" {n}.": w for n, w in ((low + i, p) for i, p in enumerate(biases.positions(high - low)))
    }
    law = {"7": 0.4, "3": 0.2, "4": 0.15, "2": 0.1, "8": 0.06, "1": 0.04, "6": 0.03, "9": 0.02}
    answer = (draw(whole, rng), *(draw(law, rng) for _ in range(places)))
    slots = {"lo": str(low), "hi": str(high), "d": str(places)}
    return Example(
        prompt(writer, writer.frame("decimal"), slots, bare(writer, "number")),
        answer,
        "decimal",
        f"uniform({low}.0, {high}.0, decimals={places})",
    )


def normal(writer: Writer) -> Example:
    """A rounded draw from a normal law."""
    rng = writer.rng
    mean = rng.choice((100, 50, 10 * rng.randint(2, 50), rng.randint(20, 300)))
    sd = rng.choice((15, 10, 5, rng.randint(2, 20)))
    sd = max(2, min(sd, mean // 3))
    slots = {"mean": str(mean), "sd": str(sd)}
    return asked(
        writer,
        "normal",
        writer.frame("normal"),
        slots,
        biases.normal(mean, sd),
        noun="number",
        target=f"normal({mean}, {sd}, decimals=0)",
    )


def binomial(writer: Writer) -> Example:
    """A count of successes."""
    rng = writer.rng
    trials = rng.choice((5, 10, 10, 20, rng.randint(3, 30)))
    p = rng.choice((0.5, 0.5, 0.3, 0.7, 0.2, 0.1, 0.8, 0.25, 0.9, 0.4, 0.6))
    slots = {"n": str(trials), "p": stated(p, rng)}
    return asked(
        writer,
        "binomial",
        writer.frame("binomial"),
        slots,
        biases.binomial(trials, p),
        noun="number",
        target=f"binomial({trials}, {p})",
    )


def poisson(writer: Writer) -> Example:
    """A Poisson count."""
    mean = writer.rng.choice((1, 2, 3, 4, 5, 5, 6, 8, 10, 12))
    slots = {"mean": str(mean)}
    return asked(
        writer,
        "poisson",
        writer.frame("poisson"),
        slots,
        biases.poisson(mean),
        noun="number",
        target=f"poisson({mean})",
    )
