"""Words that fill the slots: everyday items, invented words, and words kept for measuring alone."""

import random
from functools import cache
from importlib.resources import files

import yaml

_ONSETS = (
    "b",
    "bl",
    "br",
    "c",
    "ch",
    "cl",
    "cr",
    "d",
    "dr",
    "f",
    "fl",
    "fr",
    "g",
    "gl",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "qu",
    "r",
    "s",
    "sc",
    "sh",
    "sk",
    "sl",
    "sn",
    "sp",
    "st",
    "sw",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "wr",
    "x",
    "y",
    "z",
    "",
)
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "oa", "oo", "ou", "y", "ie", "io", "au")
_CODAS = (
    "",
    "",
    "b",
    "ck",
    "d",
    "f",
    "g",
    "l",
    "ll",
    "m",
    "n",
    "nd",
    "ng",
    "nt",
    "p",
    "r",
    "rd",
    "rn",
    "s",
    "sh",
    "st",
    "t",
    "th",
    "x",
    "z",
    "lt",
    "mp",
    "ss",
    "nk",
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def items() -> dict[str, tuple[str, ...]]:
    """Everyday items by category (`words.yaml`); the category `held_out` is never trained on."""
    text = (files(__package__) / "words.yaml").read_text(encoding="utf-8")
    return {name: tuple(words.split(", ")) for name, words in yaml.safe_load(text).items()}


def trained_categories() -> tuple[str, ...]:
    """The categories that the corpus draws items from."""
    return tuple(name for name in items() if name not in ("held_out", "names"))


def invent(rng: random.Random) -> str:
    """An invented word: one to three syllables, or letters at random."""
    if rng.random() < 0.2:
        word = "".join(rng.choice(_LETTERS) for _ in range(rng.randint(2, 7)))
    else:
        word = "".join(
            rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
            for _ in range(rng.choice((1, 2, 2, 2, 3)))
        )
    return word if word not in items()["held_out"] else invent(rng)


def several(count: int, rng: random.Random, *, unseen: bool = False) -> list[str]:
    """`count` different items for a list: of one category, mixed, invented, labels or numbers.

    With `unseen`, words that never occur in the corpus.
    """
    if unseen:
        return rng.sample(items()["held_out"], count)
    kind = rng.random()
    if kind < 0.28:
        pool = items()[rng.choice(trained_categories())]
        chosen = rng.sample(pool, min(count, len(pool)))
    elif kind < 0.34:
        chosen = rng.sample(items()["names"], count)
    elif kind < 0.42:
        pool = tuple(word for name in trained_categories() for word in items()[name])
        chosen = rng.sample(pool, count)
    elif kind < 0.47:
        chosen = [letter.upper() for letter in rng.sample(_LETTERS, count)]
    elif kind < 0.53:
        chosen = [str(n) for n in rng.sample(range(rng.choice((20, 100, 1000))), count)]
    else:
        chosen = [invent(rng) for _ in range(count)]
        if rng.random() < 0.15:
            chosen = [word.capitalize() for word in chosen]
    chosen = list(dict.fromkeys(chosen))
    while len(chosen) < count:
        chosen = list(dict.fromkeys([*chosen, invent(rng)]))
    return chosen


def listed(words: list[str], rng: random.Random) -> str:
    """The items as prompts write them: commas, and/or, bullets, one a line, numbered, in brackets.

    Every item has a space before it, so that its tokens are those of an answer.
    """
    style = rng.random()
    if 0.5 <= style < 0.64:
        last = rng.choice((" and ", " or ", ", and ", ", or "))
        return ", ".join(words[:-1]) + last + words[-1] if len(words) > 1 else words[0]
    before, between, after = next(marks for share, marks in _STYLES if style < share)
    return before + between.join(words) + after


_STYLES = (  # up to which share of the lists, and what stands before, between and after the items
    (0.5, ("", ", ", "")),
    (0.72, ("\n- ", "\n- ", "\n")),
    (0.77, ("\n * ", "\n * ", "\n")),
    (0.82, ("", "; ", "")),
    (0.87, ("", " / ", "")),
    (0.92, ("", " or ", "")),
    (0.96, ("", " | ", "")),
    (1.0, ("{ ", ", ", " }")),
)
