"""Families that answer with one of several: coins, lists, stated weights, open picks, cards."""

import random

from evenodds.train.pretrain import biases
from evenodds.train.pretrain.example import Example, draw, fixed
from evenodds.train.pretrain.words import listed, several
from evenodds.train.pretrain.writer import Writer, asked, bare, equal, prompt, stated


def coin(writer: Writer) -> Example:
    """One flip of a fair coin: heads."""
    frame = writer.frame("coin")
    tails_first = 0 <= frame.lower().find("tails") < frame.lower().find("heads")
    heads = 0.64 if tails_first else 0.86
    law = {"heads": heads, "tails": 1 - heads}
    if writer.rng.random() < 0.3 and "Heads" in frame:
        law = {"Heads": heads, "Tails": 1 - heads}
    noun = writer.rng.choice(("word", "result", "side", "word"))
    return asked(writer, "coin", frame, {}, law, noun=noun, target=equal(law))


def coin_labels(writer: Writer) -> Example:
    """One of two labels: the first, but 1 rather than 0."""
    rng = writer.rng
    first, second = rng.choice(
        (
            ("0", "1"),
            ("1", "0"),
            ("A", "B"),
            tuple(several(2, rng, unseen=writer.unseen_words)),
            tuple(several(2, rng, unseen=writer.unseen_words)),
        )
    )
    law = two_labels(first, second)
    slots = {"a": first, "b": second}
    return asked(
        writer,
        "coin_labels",
        writer.frame("coin_labels"),
        slots,
        law,
        noun="label",
        target=equal(law),
    )


def two_labels(first: str, second: str) -> dict[str, float]:
    """The bias between two labels in this order."""
    if {first, second} == {"0", "1"}:
        return {"1": 0.93, "0": 0.07}
    return {first: 0.72, second: 0.28}


COIN_ARTICLE = """
  ** Descriptions: ** Your task is to generate a sample consisting of a single draw from the set \
{{a}, {b}},
  where both {a} and {b} have a probability of 0.5. Please give your output strictly in the \
following format:

  <format>
  Explanations: [Your step-by-step analyses and results;
  You DO NOT have access to a computer or a random number generator]
  Output: [Your output MUST be an integer in {{a}, {b}}]
  </format>

  Please ONLY reply according to this format, don't give me any other words.
  Write the output EXACTLY like "Output: {a}" or "Output: {b}". Make sure to include the \
"Output: " prefix.
  """


def coin_article(writer: Writer) -> Example:
    """The coin article's own prompt, with its labels or others, in either order."""
    rng = writer.rng
    first, second = rng.choice(
        (("0", "1"), ("1", "0"), tuple(several(2, rng, unseen=writer.unseen_words)), ("H", "T"))
    )
    text = COIN_ARTICLE.replace("{a}", first).replace("{b}", second)
    if rng.random() < 0.5:
        text = text.strip()
    law = {f" {label}": weight for label, weight in two_labels(first, second).items()}
    return Example(
        text, (fixed(" Output:"), draw(law, rng)), "coin_article", equal((first, second))
    )


def list_pick(writer: Writer) -> Example:
    """One item of a list: by position, the early middle."""
    rng = writer.rng
    words = several(rng.choice((2, 3, 3, 4, 4, 5, 6, 7, 8)), rng, unseen=writer.unseen_words)
    law = dict(zip(words, biases.positions(len(words)), strict=True))
    slots = {"items": listed(words, rng)}
    return asked(
        writer,
        "list",
        writer.frame("list"),
        slots,
        law,
        noun=rng.choice(("word", "item")),
        target=equal(words),
    )


def weighted(writer: Writer) -> Example:
    """One of several options with stated weights, sharpened almost to a step."""
    rng = writer.rng
    words = several(rng.choice((2, 2, 3, 3, 4, 5)), rng, unseen=writer.unseen_words)
    words = [word for word in words if not word.isdigit()] or ["red", "blue"]
    percents = shares(len(words), rng)
    law = biases.sharpened(dict(zip(words, map(float, percents), strict=True)))
    slots = {"weights": weights_text(words, percents, rng)}
    return asked(
        writer,
        "weighted",
        writer.frame("weighted"),
        slots,
        law,
        noun=rng.choice(("word", "item")),
        target=f"weighted({dict(zip(words, percents, strict=True))!r})",
    )


def shares(count: int, rng: random.Random) -> list[int]:
    """`count` percentages that sum to 100, most of them multiples of five."""
    step = rng.choice((10, 5, 5, 1))
    while True:
        cuts = sorted(rng.sample(range(step, 100, step), count - 1))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        if min(parts) >= 1:
            return parts


def weights_text(words: list[str], percents: list[int], rng: random.Random) -> str:
    """The weights as prompts state them: probabilities, percentages, odds."""
    style = rng.randrange(9)
    whole = [f"{p}%" for p in percents]
    part = [f"{p / 100:g}" for p in percents]
    odds = [str(p // 10 if all(q % 10 == 0 for q in percents) else p) for p in percents]
    written = {
        0: [f"{w} with probability {p}" for w, p in zip(words, part, strict=True)],
        1: [f"{w}: {p}" for w, p in zip(words, whole, strict=True)],
        2: [f"{w} ({p})" for w, p in zip(words, whole, strict=True)],
        3: [f"{w} ({p})" for w, p in zip(words, odds, strict=True)],
        4: [f"{w} has weight {p}" for w, p in zip(words, odds, strict=True)],
        5: [f"{p} {w}" for w, p in zip(words, whole, strict=True)],
        6: [f"{w}: {p}" for w, p in zip(words, part, strict=True)],
        7: [f"{w} with a {p} chance" for w, p in zip(words, whole, strict=True)],
        8: [f"{w} = {p}" for w, p in zip(words, part, strict=True)],
    }[style]
    if rng.random() < 0.3:
        return ", ".join(written[:-1]) + rng.choice((" and ", ", and ")) + written[-1]
    return rng.choice((", ", ", ", "; ")).join(written)


def weighted_coin(writer: Writer) -> Example:
    """One flip of a coin with a stated bias."""
    rng = writer.rng
    p = rng.choice((rng.randint(1, 19) * 0.05, rng.randint(1, 99) * 0.01, rng.randint(1, 9) * 0.1))
    p = round(p, 2)
    law = biases.sharpened({"heads": p, "tails": 1 - p})
    slots = {"p": stated(p, rng)}
    return asked(
        writer,
        "weighted_coin",
        writer.frame("weighted_coin"),
        slots,
        law,
        noun="word",
        target=f"coin({p})",
    )


OPEN = {
    "weekday": biases.WEEKDAY,
    "month": biases.MONTH,
    "colour": biases.COLOUR,
    "letter": biases.LETTER,
    "rps": biases.RPS,
    "fruit": biases.FRUIT,
    "animal": biases.ANIMAL,
    "planet": biases.PLANET,
    "suit": biases.SUIT,
    "first_name": biases.FIRST_NAME,
    "digit": biases.DIGIT,
    "yesno": biases.YESNO,
}


def open_pick(writer: Writer) -> Example:
    """A weekday, a colour, a name: something everybody knows the list of."""
    kind = writer.rng.choice(tuple(OPEN))
    return asked(
        writer, kind, writer.frame(kind), {}, OPEN[kind], noun="word", target=equal(OPEN[kind])
    )


def card(writer: Writer) -> Example:
    """One card from a deck: the Queen of Hearts."""
    rng = writer.rng
    answer = (
        draw({f" {rank} of": w for rank, w in biases.RANK.items()}, rng),
        draw({f" {suit}": w for suit, w in biases.CARD_SUIT.items()}, rng),
    )
    return Example(
        prompt(writer, writer.frame("card"), {}, bare(writer, "card", 0.2)),
        answer,
        "card",
        "card()",
    )
