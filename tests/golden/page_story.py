"""A made-up story with round numbers, and one whose model answers with all that could hurt."""

import math

from evenodds.report.story import Kept, Moment, Pair, Side, Story

FACES = [str(face) for face in range(1, 7)]
FAIR = dict.fromkeys(FACES, 1 / 6)
HOSTILE = (
    "<script>alert(1)</script>",
    "\"onload='x'",
    "\u202e4 desrever",
    "\x00\x1b[31m\x9b",
    "\ud800",
    "</svg></title><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "4" * 100_000,
    "Z" + "\u0301" * 500,
    "",
)


def side(four: float, invalid: float = 0.0) -> Side:
    """A die that says 4 with probability `four` and shares the rest, less `invalid`, evenly."""
    rest = (1 - four - invalid) / 5
    pmf = {face: four if face == "4" else rest for face in FACES}
    tv = (sum(abs(p - 1 / 6) for p in pmf.values()) + invalid) / 2
    masses = {"support": 1 - invalid, "off_support": 0.0, "malformed": invalid, "refused": 0.0}
    return Side(tv, {**masses, "unaccounted": 0.0}, pmf)


def pair(prompt: str, split: str, before: Side, after: Side) -> Pair:
    """A task of the die suite."""
    return Pair(prompt, "uniform(1, 6)", split, before, after, FAIR)


def plain_story() -> Story:
    """Six phrasings, 12 seconds, all numbers round."""
    pairs = [
        pair(
            "roll a dice. output the roll in <answer></answer> tags.",
            "train",
            side(0.87, 0.01),
            side(0.17),
        ),
        pair("Roll a die.", "train", side(0.8), side(0.168)),
        pair("d6, go", "train", side(0.7, 0.02), side(0.16)),
        pair("What came up when you threw the die?", "unseen_phrasing", side(0.75), side(0.2)),
        pair("One throw, please: 1 to 6.", "unseen_phrasing", side(0.6, 0.1), side(0.18, 0.01)),
        pair("Be a die.", "unseen_phrasing", side(0.66), side(0.15)),
    ]
    return Story(
        model="tiny",
        pairs=pairs,
        curve=[moment(step) for step in range(0, 121, 10)],
        kept=[
            Kept("in the words of its corpus", 150, 0.98, 0.975),
            Kept("in words it never saw", 150, 0.9, 0.9),
        ],
        seconds=12.0,
        steps=120,
        seed=0,
        floor=math.log(6),
        decoding={"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0},
        suites={"die": "0123456789abcdef"},
        versions={"evenodds": "0.1.0", "torch": "2.13.0"},
        commands=["pip install 'evenodds[train]'", "evenodds demo --seed 0"],
    )


def moment(step: int) -> Moment:
    """A point of a curve that falls like a clock."""
    tv = 0.7 * 0.5 ** (step / 20)
    return Moment(step, step / 10, math.log(6) + 2 * tv, tv, 0.05 + 0.8 * tv)


def hostile_side() -> Side:
    """A model that says everything in `HOSTILE`, each as likely as the other."""
    pmf = dict.fromkeys((*HOSTILE, *FACES), 1 / (len(HOSTILE) + 6))
    masses = {
        "support": 0.5,
        "off_support": 0.0,
        "malformed": 0.5,
        "refused": 0.0,
        "unaccounted": 0.0,
    }
    return Side(0.9, masses, pmf, dict.fromkeys(HOSTILE, 0.05))


def hostile_story() -> Story:
    """A story whose every text came from somewhere hostile."""
    target = dict.fromkeys((*HOSTILE, *FACES), 1 / (len(HOSTILE) + 6))
    pairs = [Pair(text, text, text, hostile_side(), hostile_side(), target) for text in HOSTILE]
    return Story(
        model=HOSTILE[0],
        pairs=pairs,
        curve=[],
        kept=[Kept(text, 1, 1.0, 0.0) for text in HOSTILE],
        seconds=1.0,
        steps=1,
        seed=0,
        decoding=dict.fromkeys(HOSTILE, HOSTILE[0]),
        suites=dict.fromkeys(HOSTILE, HOSTILE[0]),
        versions=dict.fromkeys(HOSTILE, HOSTILE[0]),
        commands=HOSTILE,
    )
