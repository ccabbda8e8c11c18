"""The expected update of a policy gradient, by adding up every group that can be drawn."""

from collections import Counter
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np


def groups(outcomes, policy, size):
    """(answers, probability) of every multiset of `size` answers; policy: one number an outcome."""
    chance = dict(zip(outcomes, policy, strict=True))
    for answers in combinations_with_replacement(outcomes, size):
        counts = Counter(answers)
        ways = factorial(size) / prod(factorial(n) for n in counts.values())
        yield answers, ways * prod(chance[x] ** n for x, n in counts.items())


def expected_update(outcomes, policy, size, advantages):
    """E[mean over the group of advantage * d log p(answer) / d logits] for a softmax policy."""
    policy = np.asarray(policy, dtype=float)
    place = {x: i for i, x in enumerate(outcomes)}
    total = np.zeros(len(outcomes))
    for answers, chance in groups(outcomes, policy, size):
        for answer, advantage in zip(answers, advantages(answers), strict=True):
            score = -policy.copy()
            score[place[answer]] += 1
            total += chance * advantage * score / size
    return total
