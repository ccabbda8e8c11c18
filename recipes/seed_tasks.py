"""Dice with a seed in the prompt: sentences, generators, and a quick look at a model's law."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from math import exp

from evenodds.distributions import parse
from evenodds.models.base import Decoding, Scorer, path_logprobs
from evenodds.tasks.task import Task
from evenodds.tasks.trie import token_trie

KNOWN = (
    "Roll a die with seed {s}. Number only.",
    "Seed {s}: roll a die, digit only.",
    "Use {s} as the random seed and roll one die. Answer with the number only.",
    "random.seed({s})\nprint(roll_die())\nGive the output only.",
    "The generator starts from seed {s}. What does the die show? One digit.",
    '{"task": "roll a die", "seed": {s}, "output": "one number"}',
)
NEW = (
    "Set the seed to {s}, then throw a die and write the digit.",
    "A die is thrown by a machine whose seed is {s}. Say only the number that comes up.",
    "seed={s}, one die, number only",
)


@dataclass(frozen=True)
class Generator:
    """How a seed becomes an answer, the law of answers over seeds, and what the prompt says."""

    name: str
    answer: Callable[[int], int]
    law: str
    clause: str = ""

    def task(self, phrasing: str, seed: int) -> Task:
        """The task of one seed in one phrasing."""
        prompt = f"{phrasing}{self.clause}".replace("{s}", str(seed))
        return Task(prompt, parse(f"fixed({self.answer(seed)})"), kind="deterministic")


def _hashed(seed: int) -> int:
    digest = blake2b(str(seed).encode(), key=b"evenodds", digest_size=8).digest()
    return int.from_bytes(digest, "big") % 6 + 1


HASH = Generator("hash", _hashed, "uniform(1, 6)")
DIGIT = Generator(
    *("digit", lambda s: (7 * s + 3) % 10, "uniform(0, 9)"),
    " The die has faces 0 to 9 and shows (7 * {s} + 3) mod 10.",
)
MOD6 = Generator(
    *("mod6", lambda s: (5 * s + 3) % 6 + 1, "uniform(1, 6)"),
    " The die shows (5 * {s} + 3) mod 6 + 1.",
)


class Look:
    """A task laid out once, to be scored in one pass: canonical spellings and the end of turn."""

    def __init__(self, scorer: Scorer, task: Task) -> None:
        self.scorer, self.decoding = scorer, Decoding()
        self.context = scorer.context(task.prompt, self.decoding)
        self.trie = token_trie(task, scorer, self.decoding)

    def pmf(self) -> dict[str, float]:
        """The probability of each outcome; what is missing from 1 is no outcome."""
        walk = self.scorer.walk(self.context, self.trie.tree, self.decoding)
        total = path_logprobs(self.trie.tree, walk.logprob)
        return {str(x): exp(min(0.0, total[node])) for node, x in self.trie.outcome.items()}

    def tv(self) -> float:
        """The distance to the target; of a task with one right answer, what is wrong."""
        fair = {str(x): float(self.trie.mass[node]) for node, x in self.trie.outcome.items()}
        pmf = self.pmf()
        apart = sum(abs(fair[x] - p) for x, p in pmf.items())
        return (apart + max(0.0, 1 - sum(pmf.values()))) / 2
