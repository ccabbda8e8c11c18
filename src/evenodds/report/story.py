"""The story a run tells: each task before and after, the way between, what it cost, how to repeat.

Everything here is a plain record or a small view over one. Probabilities are floats in [0, 1],
distances are total variation in [0, 1], losses and entropies are nats, times are seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evenodds.measure.record import Measurement
from evenodds.report.text import duration, printable

FAIR_ENOUGH = 0.02
SPLITS = {
    "train": "trained",
    "unseen_phrasing": "never-seen phrasings",
    "unseen_parameters": "never-seen parameters",
    "unseen_family": "never-seen families",
}
INVALID = ("off_support", "malformed", "refused", "unaccounted")


@dataclass(frozen=True)
class Side:
    """A model on one task at one time: its pmf over outcomes, its tv from the target, its masses.

    `pmf` is None where the support is too large to list; `masses` sum to one; `others` are the
    commonest answers that are no outcomes, with their mass.
    """

    tv: float
    masses: Mapping[str, float]
    pmf: Mapping[str, float] | None = None
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def valid(self) -> float:
        """The probability of an answer in the support."""
        return self.masses["support"]

    @property
    def invalid(self) -> float:
        """The probability of everything else: wrong, malformed, refused or not accounted for."""
        return sum(self.masses.get(name, 0.0) for name in INVALID)


@dataclass(frozen=True)
class Pair:
    """One task, before and after. `target` is None where the support is too large to list."""

    prompt: str
    law: str
    split: str
    before: Side
    after: Side
    target: Mapping[str, float] | None = None
    method: str = "exact"


def paired(before: Iterable[Measurement], after: Iterable[Measurement]) -> list[Pair]:
    """Return the tasks measured both times, in the order of `before`, matched by their keys."""
    later = {measured.task["key"]: measured for measured in after}
    return [_pair(first, later[key]) for first in before if (key := first.task["key"]) in later]


def _pair(before: Measurement, after: Measurement) -> Pair:
    return Pair(
        prompt=str(before.task["prompt"]),
        law=str(before.task["target"]),
        split=str(before.task["split"]),
        before=side(before),
        after=side(after),
        target=before.target_pmf,
        method="exact" if before.method == after.method == "exact" else "draws",
    )


def side(measured: Measurement) -> Side:
    """Return what the page shows of one measurement; a tv that is not known counts as 1."""
    tv = measured["tv"]
    return Side(1.0 if tv is None else tv, measured.masses, measured.model_pmf, measured.others)


@dataclass(frozen=True)
class Moment:
    """One point of the learning curve; tv (on trained and on unseen tasks) only where measured."""

    step: int
    seconds: float
    loss: float | None = None
    tv: float | None = None
    unseen: float | None = None


@dataclass(frozen=True)
class Kept:
    """Ordinary instructions of one kind: how many, and the mean probability of the right reply.

    `own` says that "right" is what the model itself answered before training.
    """

    kind: str
    n: int
    before: float
    after: float
    own: bool = False


@dataclass(frozen=True)
class Row:
    """One split in numbers: means over its tasks, and the worst tv after."""

    split: str
    n: int
    tv_before: float
    tv_after: float
    worst_after: float
    valid_before: float
    valid_after: float


@dataclass(frozen=True)
class Story:
    """All that a page or a summary needs; the first pair is the one the headline speaks of."""

    model: str
    pairs: Sequence[Pair]
    curve: Sequence[Moment]
    kept: Sequence[Kept]
    seconds: float
    steps: int
    seed: int
    floor: float | None = None
    decoding: Mapping[str, object] = field(default_factory=dict)
    suites: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[str] = ()

    @property
    def lead(self) -> Pair:
        """The pair the headline speaks of."""
        return self.pairs[0]


def mean(values: Iterable[float]) -> float:
    """Return the arithmetic mean; of nothing, 0."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def favourite(side: Side) -> tuple[str, float] | None:
    """Return the likeliest outcome and its probability; None where the pmf is not listed."""
    return max(side.pmf.items(), key=lambda item: item[1]) if side.pmf else None


def split_name(split: str) -> str:
    """Return the words for a split."""
    return SPLITS.get(split, split.replace("_", " "))


def rows(pairs: Sequence[Pair]) -> list[Row]:
    """Return one row a split, in the order in which the splits come."""
    return [_row(split, members) for split, members in by_split(pairs).items()]


def by_split(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """Return the pairs of each split, in order."""
    splits: dict[str, list[Pair]] = {}
    for pair in pairs:
        splits.setdefault(pair.split, []).append(pair)
    return splits


def _row(split: str, pairs: Sequence[Pair]) -> Row:
    return Row(
        split=split,
        n=len(pairs),
        tv_before=mean(pair.before.tv for pair in pairs),
        tv_after=mean(pair.after.tv for pair in pairs),
        worst_after=max(pair.after.tv for pair in pairs),
        valid_before=mean(pair.before.valid for pair in pairs),
        valid_after=mean(pair.after.valid for pair in pairs),
    )


def overall(kept: Sequence[Kept]) -> Kept | None:
    """Return all kinds of instructions together, each instruction counting once."""
    n = sum(kind.n for kind in kept)
    if not n:
        return None
    before, after = (sum(getattr(kind, side) * kind.n for kind in kept) / n for side in SIDES)
    return Kept("all", n, before, after, own=any(kind.own for kind in kept))


SIDES = ("before", "after")


def asked(law: str) -> str:
    """Return what the model was asked for, in words.

    >>> asked("uniform(1, 6)"), asked("coin(0.5)"), asked("zipf(9, 1)")
    ('roll a die', 'toss a coin', 'draw from zipf(9, 1)')
    """
    known = {"uniform(1, 6)": "roll a die", 'dice("1d6")': "roll a die", "coin(0.5)": "toss a coin"}
    return known.get(law, f"draw from {printable(law, 60)}")


def headline(story: Story) -> str:
    """Return the story in two sentences, claiming fairness only where tv is at most .02."""
    return f"{_found(story)} {_left(story)}"


def _found(story: Story) -> str:
    likeliest = favourite(story.lead.before)
    if likeliest is None:
        return f"Asked to {asked(story.lead.law)}, {story.model} was not fair."
    outcome, probability = likeliest
    count = round(100 * probability)
    answered = "answers" if story.lead.law != "uniform(1, 6)" else "rolls"
    return (
        f"Asked to {asked(story.lead.law)}, {printable(story.model, 40)} said "
        f"{printable(outcome, 30)} in {count} of 100 {answered}."
    )


def _left(story: Story) -> str:
    trained = f"After {duration(story.seconds)} of training"
    before, after = story.lead.before.tv, story.lead.after.tv
    if after <= FAIR_ENOUGH:
        verb = "it rolls fair" if story.lead.law == "uniform(1, 6)" else "it answers fairly"
        return f"{trained} {verb}."
    change = "fell" if after < before else "went"
    return f"{trained} its distance from fair {change} from {before:.2f} to {after:.2f}."
