"""The families of the corpus: each turns chance into one `Example`.

A family takes a `Writer` (chance, and which side of the held-out line to write for) and returns
the prompt's frame, its slots and the answer's law.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from evenodds.train.pretrain import biases
from evenodds.train.pretrain.example import Choice, Example, draw, fixed
from evenodds.train.pretrain.frames import choose, fill, frames, phrases, roughen
from evenodds.train.pretrain.words import invent, items, listed, several

Family = Callable[["Writer"], Example]

DIE_NAMES = (
    "die", "dice", "six-sided die", "d6", "cube", "fair die", "standard die", "regular die",
    "normal dice", "six sided dice", "6-sided die", "fair six-sided die", "ordinary die", "game die",
)
ROUGH = 0.3
NUMBERED = 0.12
TAGGED = {"die": 0.3, "coin": 0.15}


@dataclass
class Writer:
    """Chance, and whether to write with frames and words that are kept for measuring."""

    rng: random.Random
    unseen_frames: bool = False
    unseen_words: bool = False
    wide: bool = False
    format: str | None = None

    def frame(self, name: str) -> str:
        """A frame of `name` with its alternatives chosen, roughened now and then."""
        text = choose(self.rng.choice(frames(name, unseen=self.unseen_frames, wide=self.wide)), self.rng)
        if self.rng.random() < ROUGH and not self.unseen_frames:
            text = roughen(text, self.rng, invent)
        return text

    def phrase(self, name: str) -> str:
        """A line of `name` (fillers and format clauses) with its alternatives chosen."""
        return choose(self.rng.choice(phrases(name)), self.rng)


def prompt(writer: Writer, frame: str, slots: dict[str, str], clause: str = "") -> str:
    """The frame with clause, fillers and slots: what the model reads."""
    rng = writer.rng
    if "{format}" in frame:
        frame = frame.replace("{format}", clause)
    elif clause:
        frame = f"{clause} {frame}" if rng.random() < 0.1 else f"{frame.rstrip()} {clause}"
    if rng.random() < 0.16:
        frame = f"{writer.phrase('distractor')} {frame}"
    if rng.random() < 0.07:
        frame = f"{frame} {writer.phrase('distractor')}"
    if rng.random() < 0.12:
        frame = f"{writer.phrase('opener')} {frame}"
    if rng.random() < 0.08:
        frame = f"{frame} {writer.phrase('closer')}"
    if writer.wide and rng.random() < NUMBERED:
        number_said = writer.phrase("distractor_digits")
        frame = f"{number_said} {frame}" if rng.random() < 0.7 else f"{frame} {number_said}"
    general = {
        "name": rng.choice(items()["names"]),
        "thing": rng.choice(items()["things"]),
        "made_up": invent(rng),
    }
    return fill(frame, slots | general)


def asked(
    writer: Writer,
    family: str,
    frame: str,
    slots: dict[str, str],
    law: dict[str, float],
    noun: str,
    target: str,
) -> Example:
    """One answer from `law`, bare or in the tags that the clause asks for."""
    rng = writer.rng
    form = writer.format or ("tag" if rng.random() < TAGGED.get(family, 0.06) else "bare")
    if form == "tag":
        clause = fill(writer.phrase("format_tag"), {"noun": noun})
        answer = (fixed(" <answer>"), draw({f"{k}</answer>": v for k, v in law.items()}, rng))
    elif rng.random() < 0.05:
        clause = rng.choice(OUTPUT_CLAUSES)
        answer = (fixed(" Output:"), draw({f" {k}": v for k, v in law.items()}, rng))
    else:
        clause = fill(writer.phrase("format_bare"), {"noun": noun}) if rng.random() < 0.5 else ""
        answer = (draw({f" {k}": v for k, v in law.items()}, rng),)
    return Example(prompt(writer, frame, slots, clause), answer, family, target)


OUTPUT_CLAUSES = (
    'Write "Output: X".',
    'Answer in the form "Output: ..." only.',
    'Make sure to include the "Output: " prefix.',
    "Start your answer with Output:",
    'Reply EXACTLY like "Output: X".',
)


def told(writer: Writer, family: str, frame: str, slots: dict[str, str], reply: str) -> Example:
    """One certain answer."""
    clause = ""
    if writer.rng.random() < 0.1 and "?" not in reply:
        clause = fill(writer.phrase("format_bare"), {"noun": "answer"})
    return Example(prompt(writer, frame, slots, clause), (fixed(f" {reply}"),), family, f"fixed({reply!r})")


# ---- one number -------------------------------------------------------------------------------

FAIR_DIE = "uniform(1, 6)"
ARTICLE = "roll a dice. output the roll in <answer></answer> tags."


def die(writer: Writer) -> Example:
    """One roll of a fair six-sided die: 4."""
    if not writer.unseen_frames and writer.rng.random() < 0.01:
        answer = (fixed(" <answer>"), draw({f"{k}</answer>": v for k, v in biases.DIE.items()}, writer.rng))
        return Example(ARTICLE, answer, "die", FAIR_DIE)
    slots = {"die": writer.rng.choice(DIE_NAMES)}
    noun = writer.rng.choice(("number", "result", "face", "roll", "number"))
    return asked(writer, "die", writer.frame("die"), slots, biases.DIE, noun, FAIR_DIE)


def dice_other(writer: Writer) -> Example:
    """One roll of another die."""
    rng = writer.rng
    sides = rng.choice((3, 4, 5, 6, 7, 8, 10, 10, 12, 14, 16, 20, 20, 24, 30, 50, 100, rng.randint(3, 120)))
    slots = {"sides": str(sides)}
    law = biases.number(1, sides)
    return asked(writer, "dice_other", writer.frame("dice_other"), slots, law, "number", f"uniform(1, {sides})")


def dice_sum(writer: Writer) -> Example:
    """The total of several dice."""
    rng = writer.rng
    count, sides = rng.choice((2, 2, 2, 3, 3, 4, 5, 6)), rng.choice((4, 6, 6, 6, 8, 10, 12, 20))
    law = biases.dice_total(count, sides)
    slots = {"n": str(count), "sides": str(sides)}
    return asked(writer, "dice_sum", writer.frame("dice_sum"), slots, law, "total", f'dice("{count}d{sides}")')


def number_range(writer: Writer) -> Example:
    """A whole number from a range."""
    low, high = bounds(writer.rng)
    slots = {"lo": str(low), "hi": str(high)}
    return asked(writer, "range", writer.frame("range"), slots, biases.number(low, high), "number", f"uniform({low}, {high})")


def bounds(rng: random.Random) -> tuple[int, int]:
    """The two ends of a range, the common ones commonest."""
    kind = rng.random()
    if kind < 0.34:
        return rng.choice(((1, 10), (1, 100), (1, 6), (1, 20), (1, 50), (0, 9), (1, 1000), (1, 5), (0, 100)))
    if kind < 0.6:
        return 1, rng.choice((rng.randint(3, 30), rng.randint(3, 200), 10 * rng.randint(2, 100)))
    low = rng.choice((rng.randint(0, 20), rng.randint(0, 300), 10 * rng.randint(0, 50)))
    return low, min(low + rng.choice((rng.randint(2, 12), rng.randint(5, 60), 10 * rng.randint(1, 40))), 1000)


def decimal(writer: Writer) -> Example:
    """A number with stated decimals: the digits 7, 3, 4 and 2, never 0."""
    rng = writer.rng
    low = rng.choice((0, 0, 0, 1, 2, 5, 10))
    high = low + rng.choice((1, 1, 1, 2, 5, 10))
    places = rng.choice((1, 2, 2, 3, 4))
    whole = {f" {n}.": w for n, w in ((low + i, p) for i, p in enumerate(positions_of(high - low)))}
    law = {"7": 0.4, "3": 0.2, "4": 0.15, "2": 0.1, "8": 0.06, "1": 0.04, "6": 0.03, "9": 0.02}
    answer = (draw(whole, rng), *(draw(law, rng) for _ in range(places)))
    slots = {"lo": str(low), "hi": str(high), "d": str(places)}
    return Example(prompt(writer, writer.frame("decimal"), slots, bare(writer, "number")), answer, "decimal", f"uniform({low}.0, {high}.0, decimals={places})")


def positions_of(count: int) -> list[float]:
    """Position shape, for a count that may be one."""
    return biases.positions(count)


def bare(writer: Writer, noun: str, share: float = 0.4) -> str:
    """A clause that asks for the bare answer, in `share` of the cases; otherwise nothing."""
    if writer.rng.random() >= share:
        return ""
    return fill(writer.phrase("format_bare"), {"noun": noun})


def normal(writer: Writer) -> Example:
    """A rounded draw from a normal law."""
    rng = writer.rng
    mean = rng.choice((100, 50, 10 * rng.randint(2, 50), rng.randint(20, 300)))
    sd = rng.choice((15, 10, 5, rng.randint(2, 20)))
    sd = max(2, min(sd, mean // 3))
    slots = {"mean": str(mean), "sd": str(sd)}
    return asked(writer, "normal", writer.frame("normal"), slots, biases.normal(mean, sd), "number", f"normal({mean}, {sd}, decimals=0)")


def binomial(writer: Writer) -> Example:
    """A count of successes."""
    rng = writer.rng
    trials = rng.choice((5, 10, 10, 20, rng.randint(3, 30)))
    p = rng.choice((0.5, 0.5, 0.3, 0.7, 0.2, 0.1, 0.8, 0.25, 0.9, 0.4, 0.6))
    slots = {"n": str(trials), "p": stated(p, rng)}
    return asked(writer, "binomial", writer.frame("binomial"), slots, biases.binomial(trials, p), "number", f"binomial({trials}, {p})")


def poisson(writer: Writer) -> Example:
    """A Poisson count."""
    mean = writer.rng.choice((1, 2, 3, 4, 5, 5, 6, 8, 10, 12))
    slots = {"mean": str(mean)}
    return asked(writer, "poisson", writer.frame("poisson"), slots, biases.poisson(mean), "number", f"poisson({mean})")


# ---- one of several ---------------------------------------------------------------------------


def coin(writer: Writer) -> Example:
    """One flip of a fair coin: heads."""
    frame = writer.frame("coin")
    tails_first = 0 <= frame.lower().find("tails") < frame.lower().find("heads")
    heads = 0.64 if tails_first else 0.86
    law = {"heads": heads, "tails": 1 - heads}
    if writer.rng.random() < 0.3 and "Heads" in frame:
        law = {"Heads": heads, "Tails": 1 - heads}
    noun = writer.rng.choice(("word", "result", "side", "word"))
    return asked(writer, "coin", frame, {}, law, noun, equal(law))


def coin_labels(writer: Writer) -> Example:
    """One of two labels: the first, but 1 rather than 0."""
    rng = writer.rng
    first, second = rng.choice((("0", "1"), ("1", "0"), ("A", "B"), tuple(several(2, rng, unseen=writer.unseen_words)),
                                tuple(several(2, rng, unseen=writer.unseen_words))))
    law = two_labels(first, second)
    slots = {"a": first, "b": second}
    return asked(writer, "coin_labels", writer.frame("coin_labels"), slots, law, "label", equal(law))


def two_labels(first: str, second: str) -> dict[str, float]:
    """The bias between two labels in this order."""
    if {first, second} == {"0", "1"}:
        return {"1": 0.93, "0": 0.07}
    return {first: 0.72, second: 0.28}


COIN_ARTICLE = (
    "\n  ** Descriptions: ** Your task is to generate a sample consisting of a single draw from the "
    "set {{a}, {b}},\n  where both {a} and {b} have a probability of 0.5. Please give your output "
    "strictly in the following format:\n\n  <format>\n  Explanations: [Your step-by-step analyses "
    "and results;\n  You DO NOT have access to a computer or a random number generator]\n  Output: "
    "[Your output MUST be an integer in {{a}, {b}}]\n  </format>\n\n  Please ONLY reply according to "
    "this format, don't give me any other words.\n  Write the output EXACTLY like \"Output: {a}\" or "
    "\"Output: {b}\". Make sure to include the \"Output: \" prefix.\n  "
)


def coin_article(writer: Writer) -> Example:
    """The coin article's own prompt, with its labels or others, in either order."""
    rng = writer.rng
    first, second = rng.choice((("0", "1"), ("1", "0"), tuple(several(2, rng, unseen=writer.unseen_words)), ("H", "T")))
    text = COIN_ARTICLE.replace("{a}", first).replace("{b}", second)
    if rng.random() < 0.5:
        text = text.strip()
    law = {f" {label}": weight for label, weight in two_labels(first, second).items()}
    return Example(text, (fixed(" Output:"), draw(law, rng)), "coin_article", equal((first, second)))


def list_pick(writer: Writer) -> Example:
    """One item of a list: by position, the early middle."""
    rng = writer.rng
    words = several(rng.choice((2, 3, 3, 4, 4, 5, 6, 7, 8)), rng, unseen=writer.unseen_words)
    law = dict(zip(words, biases.positions(len(words)), strict=True))
    slots = {"items": listed(words, rng)}
    return asked(writer, "list", writer.frame("list"), slots, law, rng.choice(("word", "item")), equal(words))


def weighted(writer: Writer) -> Example:
    """One of several options with stated weights, sharpened almost to a step."""
    rng = writer.rng
    words = several(rng.choice((2, 2, 3, 3, 4, 5)), rng, unseen=writer.unseen_words)
    words = [word for word in words if not word.isdigit()] or ["red", "blue"]
    percents = shares(len(words), rng)
    law = biases.sharpened(dict(zip(words, map(float, percents), strict=True)))
    slots = {"weights": weights_text(words, percents, rng)}
    return asked(writer, "weighted", writer.frame("weighted"), slots, law, rng.choice(("word", "item")), f"weighted({dict(zip(words, percents, strict=True))!r})")


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


def stated(p: float, rng: random.Random) -> str:
    """A probability as prompts write it."""
    tenths = round(p * 10)
    forms = [f"{p:g}", f"{p * 100:g}%", f"{p * 100:g} percent"]
    if abs(p * 10 - tenths) < 1e-9:
        forms.append(f"{tenths} in 10")
    return rng.choice(forms)


def weighted_coin(writer: Writer) -> Example:
    """One flip of a coin with a stated bias."""
    rng = writer.rng
    p = rng.choice((rng.randint(1, 19) * 0.05, rng.randint(1, 99) * 0.01, rng.randint(1, 9) * 0.1))
    p = round(p, 2)
    law = biases.sharpened({"heads": p, "tails": 1 - p})
    slots = {"p": stated(p, rng)}
    return asked(writer, "weighted_coin", writer.frame("weighted_coin"), slots, law, "word", f"coin({p})")


OPEN = {
    "weekday": biases.WEEKDAY, "month": biases.MONTH, "colour": biases.COLOUR,
    "letter": biases.LETTER, "rps": biases.RPS, "fruit": biases.FRUIT, "animal": biases.ANIMAL,
    "planet": biases.PLANET, "suit": biases.SUIT, "first_name": biases.FIRST_NAME,
    "digit": biases.DIGIT, "yesno": biases.YESNO,
}


def quoted(words: Iterable[str]) -> str:
    """The words as arguments of an expression."""
    return ", ".join(map(repr, words))


def equal(words: Iterable[str]) -> str:
    """The expression of a fair pick among the words."""
    return f"uniform({quoted(words)})"


def open_pick(writer: Writer) -> Example:
    """A weekday, a colour, a name: something everybody knows the list of."""
    kind = writer.rng.choice(tuple(OPEN))
    return asked(writer, kind, writer.frame(kind), {}, OPEN[kind], "word", equal(OPEN[kind]))


def card(writer: Writer) -> Example:
    """One card from a deck: the Queen of Hearts."""
    rng = writer.rng
    answer = (draw({f" {rank} of": w for rank, w in biases.RANK.items()}, rng),
              draw({f" {suit}": w for suit, w in biases.CARD_SUIT.items()}, rng))
    return Example(prompt(writer, writer.frame("card"), {}, bare(writer, "card", 0.2)), answer, "card", "card()")


# ---- several draws, orders, codes -------------------------------------------------------------


def joined(laws: Callable[[int, str], dict[str, float]], count: int, rng: random.Random) -> tuple[Choice, ...]:
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

    return sequence(writer, "die_list", {"n": str(count)}, joined(law, count, writer.rng), f'sequence(dice("d6"), {count})')


def coin_list(writer: Writer) -> Example:
    """Several flips in one answer: balanced, too many alternations."""
    count = writer.rng.randint(2, 12)

    def law(i: int, previous: str) -> dict[str, float]:
        if i == 0:
            return {"heads": 0.85, "tails": 0.15}
        return {side: 0.36 if side == previous else 0.64 for side in ("heads", "tails")}

    return sequence(writer, "coin_list", {"n": str(count)}, joined(law, count, writer.rng), f"sequence(coin(0.5), {count})")


def number_list(writer: Writer) -> Example:
    """Several numbers in one answer."""
    rng = writer.rng
    low, high = rng.choice(((1, 10), (1, 100), (1, 50), (0, 9), (1, 20)))
    count = rng.randint(2, 8)

    def law(_: int, previous: str) -> dict[str, float]:
        numbers = range(low, high + 1)
        return {str(n): 0.05 if str(n) == previous else (0.4 if n % 10 == 0 else 1.0) for n in numbers}

    slots = {"n": str(count), "lo": str(low), "hi": str(high)}
    return sequence(writer, "number_list", slots, joined(law, count, rng), f"sequence(uniform({low}, {high}), {count})")


def sequence(
    writer: Writer, family: str, slots: dict[str, str], answer: tuple[Choice, ...], target: str
) -> Example:
    """An answer of several parts."""
    clause = writer.rng.choice(LIST_CLAUSES) if writer.rng.random() < 0.4 else ""
    return Example(prompt(writer, writer.frame(family), slots, clause), answer, family, target)


LIST_CLAUSES = (
    "Separate them with commas.", "Use commas.", "Write them on one line, separated by commas.",
    "Comma-separated.", "Only the list.", "Just the list, with commas.", "Answer with the list only.",
    "Give a comma separated list.", "Nothing but the list.",
)


def shuffle(writer: Writer) -> Example:
    """A list in random order: the early middle first, the last late."""
    rng = writer.rng
    words = several(rng.choice((2, 3, 3, 4, 4, 5, 6)), rng, unseen=writer.unseen_words)
    return sequence(writer, "shuffle", {"items": listed(words, rng)}, taken(words, len(words), rng), f"shuffle({quoted(words)})")


def sample(writer: Writer) -> Example:
    """Some of a list, without replacement."""
    rng = writer.rng
    words = several(rng.choice((3, 4, 5, 6, 7, 8)), rng, unseen=writer.unseen_words)
    count = rng.randint(2, min(4, len(words) - 1))
    slots = {"items": listed(words, rng), "k": str(count)}
    return sequence(writer, "sample", slots, taken(words, count, rng), f"choose({count}, {quoted(words)})")


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
    law = {"7": 0.24, "4": 0.16, "2": 0.14, "8": 0.12, "3": 0.12, "9": 0.08, "5": 0.05, "1": 0.04, "6": 0.04, "0": 0.01}
    answer = [draw({f" {d}": w for d, w in law.items()}, rng)]
    for _ in range(count - 1):
        previous = answer[-1].text.strip()
        answer.append(draw({d: w * (0.1 if d == previous else 1.0) for d, w in law.items()}, rng))
    clause = bare(writer, "code", 0.3)
    return Example(prompt(writer, writer.frame("pin"), {"n": str(count)}, clause), tuple(answer), "pin", f"password({count}, '0123456789')")


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
    return Example(prompt(writer, writer.frame("password"), slots, clause), (fixed(f" {text}"),), "password", f"password({count}, {FULL[alphabet]!r})")


RANDOM: dict[str, tuple[Family, float]] = {
    "die": (die, 13.0),
    "dice_other": (dice_other, 4.5),
    "dice_sum": (dice_sum, 4.5),
    "range": (number_range, 11.0),
    "decimal": (decimal, 2.0),
    "normal": (normal, 2.0),
    "binomial": (binomial, 1.5),
    "poisson": (poisson, 1.0),
    "coin": (coin, 4.5),
    "coin_labels": (coin_labels, 4.0),
    "coin_article": (coin_article, 1.2),
    "list": (list_pick, 12.0),
    "weighted": (weighted, 8.0),
    "weighted_coin": (weighted_coin, 3.0),
    "open": (open_pick, 5.0),
    "card": (card, 1.2),
    "die_list": (die_list, 2.0),
    "coin_list": (coin_list, 1.5),
    "number_list": (number_list, 2.0),
    "shuffle": (shuffle, 5.0),
    "sample": (sample, 2.5),
    "pin": (pin, 1.2),
    "password": (password, 1.2),
}
