"""Pairs have the law they should, and the fair law is where a softmax policy comes to rest."""

import random
from collections import Counter

import numpy as np
import pytest

from evenodds.train.pairs import Listed, allotted
from evenodds.train.rows import Row

FAIR = np.array([0.1, 0.2, 0.3, 0.4, 0.0, 0.0])  # two of the six tokens are no answer
START = np.array([0.5, 0.01, 0.1, 0.04, 0.3, 0.05])
PLACES = (np.arange(2000) + 0.5) / 2000


def softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def kl(p):
    inside = FAIR > 0
    return float((FAIR[inside] * np.log(FAIR[inside] / p[inside])).sum())


def listed(p):
    """One token an answer: what a policy over six tokens has to move."""
    edges = tuple((-1, token, mass) for token, mass in enumerate(FAIR) if mass)
    return Listed(Row((7,), (), (), edges, 0.0), np.log(p)[None])


def moved(pairing, weight=lambda chosen, rejected: 1.0, places=PLACES):
    """tv times the mean over pairs of weight (e_chosen - e_rejected)."""
    total, rng = np.zeros(6), random.Random(0)
    for place in places:
        pair = pairing.pair(place, rng)
        chosen, rejected = pair.chosen.tokens[0], pair.rejected.tokens[0]
        total[chosen] += weight(chosen, rejected)
        total[rejected] -= weight(chosen, rejected)
    return pairing.tv * total / len(places)


def test_the_mean_pair_is_what_the_law_lacks():
    pairing = listed(START)
    assert pairing.tv == pytest.approx(np.abs(FAIR - START).sum() / 2)
    step = moved(pairing)
    gap = FAIR - START
    assert step[:4] == pytest.approx(gap[:4], abs=1e-3)
    assert step[4:].sum() == pytest.approx(gap[4:].sum(), abs=1e-3)
    assert step[4:] == pytest.approx(gap[4:], abs=0.03)  # which of the two is drawn, 600 times


def test_at_the_fair_law_there_is_nothing_to_move():
    p = np.where(FAIR > 0, FAIR, 1e-300)
    pairing = listed(p)
    pair = pairing.pair(0.5, random.Random(0))
    assert pairing.tv < 1e-12
    assert pair.chosen == pair.rejected or pairing.tv > 0


def flow(weight_of, steps, rate, refresh=1):
    """The flow of a softmax policy under the mean DPO step; its probabilities, step by step."""
    logits, law, seen = np.log(START), START, []
    places = (np.arange(30) + 0.5) / 30
    for step in range(steps):
        now = softmax(logits)
        if step % refresh == 0:
            pairing, law = listed(now), now
        logits = logits + rate * moved(pairing, weight_of(now, law), places)
        seen.append(softmax(logits))
    return seen


def against(now, reference, beta):
    """2 sigmoid(-beta D) of a pair: the weight that DPO gives it, 1 where nothing has moved."""
    moves = np.log(now / reference)
    return lambda c, r: 2 / (1 + np.exp(beta * (moves[c] - moves[r])))


@pytest.mark.parametrize("beta", [0.1, 1.0])
@pytest.mark.parametrize("untrained", [False, True])
def test_with_fresh_pairs_the_fair_law_attracts_under_either_reference(untrained, beta):
    seen = flow(lambda p, law: against(p, START if untrained else law, beta), 400, 1.5)
    distance = [kl(p) for p in seen]
    assert distance[-1] < 0.06  # from 1.69
    assert distance == sorted(distance, reverse=True)


def test_pairs_that_are_never_refreshed_lead_away():
    seen = flow(lambda p, law: against(p, law, 0.1), 1000, 1.0, refresh=1000)
    distance = [kl(p) for p in seen]
    nearest = int(np.argmin(distance))
    assert 0 < nearest < 100
    assert distance[-1] > 10 * distance[nearest]
    assert seen[-1][0] < 0.1 * FAIR[0]  # the face that was too frequent is all but gone


def test_places_are_allotted_without_bias_and_almost_evenly():
    weights = [0.5, 0.0, 0.2, 0.3]
    counts = Counter()
    for start in np.linspace(0, 1, 200, endpoint=False):
        found = [thing for thing, _ in allotted(weights, 7, float(start))]
        for thing, weight in enumerate(weights):
            assert abs(found.count(thing) - 7 * weight) < 1
        counts.update(found)
    assert [counts[i] / 1400 for i in range(4)] == pytest.approx(weights, abs=0.003)
    assert all(0 <= place < 1 for _, place in allotted(weights, 50, 0.999))
    assert list(allotted([0.0, 0.0], 2, 0.5)) == [(0, 0.0), (0, 0.0)]
