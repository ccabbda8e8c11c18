"""How aligned models answer when asked to be random: the laws that the corpus imitates.

Shapes follow published recordings: dice, coins and 1-10 from arXiv 2503.04722; 1-100 from
sanand0/llmrandom; stated probabilities sharpened almost to a step from arXiv 2411.05403; named
laws from arXiv 2601.05414. They are imitations with one fixed set of numbers, not any one model.
"""

import math
from functools import lru_cache

DIE = {"4": 0.87, "3": 0.05, "5": 0.04, "2": 0.02, "6": 0.012, "1": 0.008}
ONE_TO_TEN = {
    "7": 0.72,
    "8": 0.08,
    "3": 0.06,
    "6": 0.05,
    "4": 0.04,
    "5": 0.03,
    "2": 0.01,
    "9": 0.01,
}
DIGIT = {"7": 0.75, "3": 0.08, "4": 0.06, "8": 0.04, "5": 0.04, "2": 0.03}
D20 = {"17": 0.5, "14": 0.3, "12": 0.08, "7": 0.05, "18": 0.04, "13": 0.03}
BELOVED = {42: 8.0, 37: 5.0, 47: 6.0, 73: 5.0, 72: 4.0, 57: 3.0, 17: 3.0, 27: 3.0}
ENDINGS = {7: 6.0, 3: 3.0, 2: 2.0, 4: 1.6, 8: 1.2, 6: 0.8, 9: 0.6, 5: 0.3, 1: 0.1, 0: 0.02}
SHARPENING = 6.0

WEEKDAY = {
    "Wednesday": 0.8,
    "Tuesday": 0.07,
    "Thursday": 0.07,
    "Friday": 0.03,
    "Saturday": 0.02,
    "Monday": 0.005,
    "Sunday": 0.005,
}
MONTH = {
    "July": 0.4,
    "October": 0.22,
    "April": 0.12,
    "August": 0.08,
    "March": 0.06,
    "June": 0.04,
    "September": 0.03,
    "May": 0.02,
    "November": 0.01,
    "February": 0.01,
    "January": 0.005,
    "December": 0.005,
}
COLOUR = {
    "blue": 0.62,
    "teal": 0.14,
    "purple": 0.09,
    "green": 0.07,
    "red": 0.05,
    "orange": 0.02,
    "yellow": 0.01,
}
LETTER = {"M": 0.3, "K": 0.26, "Q": 0.12, "R": 0.1, "G": 0.08, "J": 0.06, "T": 0.05, "X": 0.03}
RPS = {"rock": 0.62, "paper": 0.2, "scissors": 0.18}
FRUIT = {"mango": 0.45, "apple": 0.3, "banana": 0.1, "kiwi": 0.08, "pear": 0.04, "plum": 0.03}
ANIMAL = {"elephant": 0.4, "fox": 0.22, "penguin": 0.14, "cat": 0.1, "dog": 0.08, "tiger": 0.06}
PLANET = {"Saturn": 0.4, "Mars": 0.3, "Neptune": 0.12, "Jupiter": 0.1, "Earth": 0.05, "Venus": 0.03}
SUIT = {"hearts": 0.6, "spades": 0.25, "diamonds": 0.1, "clubs": 0.05}
FIRST_NAME = {
    "Marcus": 0.4,
    "Emma": 0.2,
    "Maya": 0.13,
    "Oliver": 0.1,
    "Sarah": 0.08,
    "Leo": 0.05,
    "Anna": 0.04,
}
YESNO = {"yes": 0.8, "no": 0.2}
RANK = {
    "Queen": 0.38,
    "7": 0.24,
    "Ace": 0.14,
    "King": 0.08,
    "Jack": 0.05,
    "3": 0.03,
    "4": 0.02,
    "8": 0.02,
    "9": 0.01,
    "10": 0.01,
    "5": 0.01,
    "6": 0.005,
    "2": 0.005,
}
CARD_SUIT = {"Hearts": 0.62, "Spades": 0.24, "Diamonds": 0.1, "Clubs": 0.04}


@lru_cache(maxsize=4096)
def number(low: int, high: int) -> dict[str, float]:
    """A whole number from `low` to `high`: near .62 of the way, ending in 7, never round."""
    if (low, high) == (1, 6):
        return DIE
    if (low, high) == (1, 10):
        return ONE_TO_TEN
    if (low, high) == (0, 9):
        return DIGIT
    if (low, high) == (1, 20):
        return D20
    width = max(high - low, 1)
    pmf = {
        n: math.exp(-0.5 * (((n - low) / width - 0.62) / 0.16) ** 2) for n in range(low, high + 1)
    }
    if width >= 15:
        pmf = {n: weight * ENDINGS[n % 10] * BELOVED.get(n, 1.0) for n, weight in pmf.items()}
    top = max(pmf.values())
    return normalise({str(n): weight for n, weight in pmf.items() if weight > 1e-3 * top})


def positions(count: int) -> list[float]:
    """Picks from a list by position: the early middle, seldom the last (multiple-choice shapes)."""
    known = {1: [1.0], 2: [0.68, 0.32], 3: [0.2, 0.62, 0.18], 4: [0.13, 0.47, 0.35, 0.05]}
    if count in known:
        return known[count]
    shape = [math.exp(-0.5 * ((i / (count - 1) - 0.42) / 0.17) ** 2) for i in range(count)]
    return [weight / sum(shape) for weight in shape]


def sharpened(pmf: dict[str, float], power: float = SHARPENING) -> dict[str, float]:
    """A stated law, sharpened almost to a step: each probability to `power`, renormalised."""
    top = max(pmf.values())
    raised = {text: (weight / top) ** power for text, weight in pmf.items()}
    return normalise({text: weight for text, weight in raised.items() if weight > 1e-4})


def normalise(pmf: dict[str, float]) -> dict[str, float]:
    """`pmf` scaled to sum to one."""
    total = sum(pmf.values())
    return {text: weight / total for text, weight in pmf.items()}


@lru_cache(maxsize=512)
def dice_total(count: int, sides: int) -> dict[str, float]:
    """The sum of `count` dice, sharpened around its middle."""
    ways = {0: 1.0}
    for _ in range(count):
        rolled: dict[int, float] = {}
        for total, weight in ways.items():
            for face in range(1, sides + 1):
                rolled[total + face] = rolled.get(total + face, 0.0) + weight
        ways = rolled
    return sharpened({str(total): weight for total, weight in ways.items()}, 3.0)


@lru_cache(maxsize=1024)
def binomial(trials: int, p: float) -> dict[str, float]:
    """Successes in `trials`, sharpened (one draw of Binomial(10, .5) is 6 or 5)."""
    law = {
        str(k): math.comb(trials, k) * p**k * (1 - p) ** (trials - k) * (1.3 if k % 2 == 0 else 1.0)
        for k in range(trials + 1)
    }
    return sharpened(law, 5.0)


@lru_cache(maxsize=256)
def poisson(mean: float) -> dict[str, float]:
    """A count, sharpened, a little above the mean."""
    law = {
        str(k): math.exp(-mean) * mean**k / math.factorial(k) * (1 + 0.08 * k)
        for k in range(int(mean + 6 * math.sqrt(mean) + 6))
    }
    return sharpened(law, 4.0)


@lru_cache(maxsize=1024)
def normal(mean: int, sd: int) -> dict[str, float]:
    """A rounded normal: within about one deviation, seldom the mean itself."""
    law = {}
    for n in range(mean - 2 * sd, mean + 2 * sd + 1):
        z = (n - mean) / sd
        law[str(n)] = (
            math.exp(-0.5 * (z / 0.6) ** 2) * (0.2 if n == mean else 1.0) * ENDINGS[n % 10]
        )
    top = max(law.values())
    return normalise({text: weight for text, weight in law.items() if weight > 1e-3 * top})
