"""Stopping: exact e-values, the oracles of `measure`, and no dependence on the order of arrival."""

import random
from itertools import product
from math import comb, exp, factorial, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.errors import DrawsError, RunError
from evenodds.measure import dirichlet, setwise
from evenodds.measure.eprocess import Share
from evenodds.measure.evidence import Question
from evenodds.measure.multiple import e_bh, e_bh_pairs
from evenodds.survey.question import QUESTIONS
from evenodds.survey.reading import Reading
from evenodds.survey.stopping import Bounds, Stopper, looks
from evenodds.survey.stopping_model import Asked, parts_of
from evenodds.survey.stopping_parts import Pair, Several

COIN, DIE, WEIGHTED = QUESTIONS["coin"], QUESTIONS["die"], QUESTIONS["weighted"]
ALONE = Bounds(None, None)
INVALID = Reading("malformed")


def reading(outcome, position=None):
    return Reading("outcome", outcome, outcome if position is None else position)


def drawn(seed, n, *, q=0.5, place=None, valid=1.0):
    """Readings of a coin: P(outcome 0) is q, P(first place) is `place` or a half, independent."""
    rng = random.Random(seed)
    return [
        reading(int(rng.random() >= q), int(rng.random() >= (0.5 if place is None else place)))
        if rng.random() < valid
        else INVALID
        for _ in range(n)
    ]


def shown(stopper, model, readings):
    for i, each in enumerate(readings):
        stopper.see(model, i, each)
    return stopper.standing(model)


# --- the parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [Share(0.5, 0.05), Share(0.7, 0.1), Share(0.0, 0.1)])
def test_a_pairs_bounds_are_its_e_values(share):
    pair = Pair(share, 300, 0.8, 20.0)
    for n in (1, 2, 7, 30, 61, 150, 300):
        for s in range(n + 1):
            held = pair.begin()
            held.n, held.s = n, s
            assert held.against() == (held.log_bias() + log(0.8) >= log(20))
            assert held.certified() == (held.log_fair() >= log(20)), (n, s)


def test_several_outcomes_bet_as_the_measure_does():
    p = np.full(6, 1 / 6)
    several = Several(p, 0.05, 1.0, 20.0)
    rng = np.random.default_rng(1)
    draws = rng.choice(6, size=400, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    held, path = several.begin(), []
    for outcome in draws.tolist():
        held.add(outcome)
        path.append(held.log_bias())
    assert path == pytest.approx(dirichlet.log_bias_path(draws, p, 0.05).tolist())
    ends = setwise.log_fair_path(draws, p, 0.6)
    wide = Several(p, 0.6, 1.0, 20.0).begin()
    for n, outcome in enumerate(draws.tolist(), start=1):
        wide.add(outcome)
        if wide.n == wide.end:
            assert wide.log_fair() == pytest.approx(ends[n - 1]) or ends[n - 1] == -np.inf
            assert wide.certified() == (ends[n - 1] >= log(20))


# --- the rule of one model ------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "eps"), [(COIN, 0.1), (COIN, 0.05), (WEIGHTED, 0.1)])
def test_the_marginal_alone_stops_where_the_measure_stops(question, eps):
    p = np.array(list(question.law.probs().values()))
    for seed, q in enumerate([p[0], 0.5, 0.55, 0.62, 0.75, 0.9, 1.0, 0.2]):
        readings = drawn(seed, 700, q=q)
        draws = np.array([each.outcome for each in readings])
        oracle = Question(p, eps, 0.05, 12)
        n, verdict = oracle.decide(draws)
        if question is WEIGHTED:  # there the measure looks at both outcomes; here at one
            share = Share(float(p[0]), eps)
            at, s = np.arange(1, 701), np.cumsum(draws == 0)
            hit = (share.log_bias(at, s) >= oracle.enough) | (
                share.log_fair(at, s) >= oracle.enough
            )
            n = int(np.argmax(hit & (at >= 12))) + 1 if hit.any() else 700
        stopper = Stopper(question, eps, cap=700, bounds=ALONE)
        stands = shown(stopper, "m", readings)
        assert stands.n == n and (question is WEIGHTED or stands.verdict == verdict)


def test_a_model_that_always_names_the_first_option_is_fair_in_the_marginal_only():
    rng = random.Random(0)
    orders = [rng.randrange(2) for _ in range(1500)]
    first = [reading(order, 0) for order in orders]
    alone = shown(Stopper(COIN, 0.1, bounds=ALONE), "m", first)
    assert alone.verdict == "fair"
    whole = Stopper(COIN, 0.1)
    stands = shown(whole, "m", first)
    assert (stands.verdict, stands.part) == ("biased", "position") and stands.n <= 16


def test_a_model_that_does_not_answer_is_not_fair():
    stands = shown(Stopper(COIN, 0.1), "m", drawn(0, 1500, valid=0.6))
    assert (stands.verdict, stands.part) == ("biased", "invalid")
    silent = shown(Stopper(COIN, 0.1), "m", [INVALID] * 50)
    assert (silent.verdict, silent.n, silent.valid) == ("biased", 12, 0)


def test_fair_needs_every_part():
    stopper = Stopper(COIN, 0.1, cap=2000)
    stands = shown(stopper, "m", drawn(3, 2000))
    assert stands.verdict == "fair" and stands.log_fair >= log(20)
    half = Bounds(position=0.1, invalid=0.002)  # so few invalid replies take 1,500 to certify
    strict = shown(Stopper(COIN, 0.1, cap=1000, bounds=half), "m", drawn(3, 1000))
    assert strict.verdict == "undecided" and strict.n == 1000


def test_dice_and_lists_have_verdicts():
    rng = random.Random(2)
    always = [reading(3, rng.randrange(6)) for _ in range(30)]
    die = shown(Stopper(DIE), "m", always)
    assert (die.verdict, die.part, die.n) == ("biased", "marginal", 12)
    fair = [reading(rng.randrange(6), rng.randrange(6)) for _ in range(1500)]
    wide = Stopper(DIE, 0.2, bounds=Bounds(0.2, 0.1))
    assert shown(wide, "m", fair).verdict == "fair"
    balanced = [reading(6, rng.randrange(2)) for _ in range(60)]
    assert shown(Stopper(QUESTIONS["twelve"]), "m", balanced).verdict == "biased"


def test_no_verdict_before_the_minimum_and_none_beyond_the_cap():
    stopper = Stopper(COIN, minimum=30, cap=40)
    ends = [0] * 29
    for i, outcome in enumerate(ends):
        stopper.see("m", i, reading(outcome, i % 2))
        assert not stopper.done("m")
    stopper.see("m", 29, reading(0, 1))
    assert stopper.verdict("m") == "biased" and stopper.standing("m").n == 30
    assert shown(stopper, "n", drawn(1, 60)).n == 40 and stopper.done("n")
    assert stopper.verdict("n") == stopper.verdict("never seen") == "undecided"


def test_after_the_verdict_nothing_changes_it():
    stopper = Stopper(COIN)
    stands = shown(stopper, "m", [reading(0, i % 2) for i in range(200)])
    before = stopper.log_e("m")
    stopper.see("m", 200, reading(1))
    assert stopper.log_e("m") == before and stopper.standing("m") == stands


def test_readings_are_shown_in_order_and_may_leave_lost_calls_out():
    stopper = Stopper(COIN)
    stopper.see("m", 0, reading(0))
    stopper.see("m", 4, reading(0))
    assert stopper.standing("m").n == 2
    for early in (0, 3, 4):
        with pytest.raises(RunError, match="in order"):
            stopper.see("m", early, reading(0))
    with pytest.raises(RunError, match="in order"):
        stopper.see_many("m", [5, 5], [0, 0], [0, 0], [0, 0])


@pytest.mark.parametrize("q", [0.5, 0.6, 0.9])
def test_a_ledgers_past_is_seen_as_if_it_came_again(q):
    readings = drawn(5, 600, q=q, valid=0.97)
    coded = [(-1 if r.outcome is None else r.outcome) for r in readings]
    places = [(-1 if r.position is None else r.position) for r in readings]
    single, many = Stopper(COIN, 0.1), Stopper(COIN, 0.1)
    stands = shown(single, "m", readings)
    assert many.see_many("m", range(600), [0] * 600, coded, places) == stands.n
    assert many.standing("m") == stands
    halves = Stopper(COIN, 0.1)
    seen = halves.see_many("m", range(50), [0] * 50, coded[:50], places[:50])
    if seen == 50:
        halves.see_many("m", range(50, 600), [0] * 550, coded[50:], places[50:])
    assert halves.standing("m") == stands


# --- the e-values are e-values: exact expectations over all tables --------------------------------


def tables(n):
    """(outcome, place) pairs 00 01 10 11 and invalid: all counts that sum to n."""
    for a in range(n + 1):
        for b in range(n + 1 - a):
            for c in range(n + 1 - a - b):
                for d in range(n + 1 - a - b - c):
                    yield a, b, c, d, n - a - b - c - d


def expectation(law, n, which):
    """E[e-value after n readings] under a law of the five kinds of reading."""
    total = 0.0
    parts = parts_of(COIN, 0.1, Bounds(0.15, 0.2), n, 20.0)
    for counts in tables(n):
        chance = factorial(n) * np.prod(
            [q**k / factorial(k) for q, k in zip(law, counts, strict=True)]
        )
        if chance:
            asked = Asked(parts)
            a, b, c, d, lost = counts
            asked.marginal.n, asked.marginal.s = a + b + c + d, a + b
            asked.place.n, asked.place.s = a + b + c + d, a + c
            asked.invalid.n, asked.invalid.s = n, lost
            stands = asked.standing()
            total += chance * exp((stands.log_bias, stands.log_fair)[which])
    return total


def law(q, place, lost):
    cross = [q * place, q * (1 - place), (1 - q) * place, (1 - q) * (1 - place)]
    return [*(np.array(cross) * (1 - lost)), lost]


@pytest.mark.parametrize(
    "within", [law(0.5, 0.5, 0), law(0.6, 0.5, 0.1), law(0.6, 0.65, 0.2), law(0.4, 0.35, 0.2)]
)
def test_the_e_value_against_fair_models_is_one(within):
    assert expectation(within, 8, 0) <= 1 + 1e-9


@pytest.mark.parametrize(
    "beyond",
    [
        law(0.6, 0.5, 0),
        law(0.5, 0.65, 0),
        law(0.5, 0.5, 0.2),
        [0.3, 0.3, 0.3, 0.1, 0.0],
        law(0.9, 0.9, 0.5),
    ],
)
def test_the_e_value_against_unfair_models_is_one(beyond):
    assert expectation(beyond, 8, 1) <= 1 + 1e-9


def test_beyond_the_edge_the_expectation_is_above_one():
    """The two tests above can fail: each e-value grows where its null does not hold."""
    assert expectation(law(0.95, 0.5, 0), 8, 0) > 1
    assert expectation(law(0.5, 0.98, 0), 8, 0) > 1
    parts = [comb(8, s) / 2**8 * exp(Share(0.5, 0.1).log_fair(8, s)) for s in range(9)]
    assert sum(parts) > 1


# --- order of arrival -----------------------------------------------------------------------------

MODELS = [
    (f"m{k}", q, place) for k, (q, place) in enumerate([(0.5, 0.5), (0.9, 0.5), (0.52, 0.95)])
]


def _course(rule, order, n=90):
    """Models come in any order, each one's readings in theirs."""
    at = dict.fromkeys([m for m, _, _ in MODELS], 0)
    stopper = Stopper(COIN, 0.2, cap=n, bounds=Bounds(0.25, 0.2), rule=rule, models=3)
    all_readings = {m: drawn(k, n, q=q, place=p) for k, (m, q, p) in enumerate(MODELS)}
    for model in order:
        stopper.see(model, at[model], all_readings[model][at[model]])
        at[model] += 1
    return {m: stopper.standing(m) for m, _, _ in MODELS}


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.sampled_from(["per_model", "e_bh", "e_bh_all"]))
def test_verdicts_do_not_depend_on_the_order_of_arrival(rng, rule):
    calls = [m for m, _, _ in MODELS for _ in range(90)]
    expected = _course(rule, calls)
    shuffled = rng.sample(calls, len(calls))
    assert _course(rule, shuffled) == expected


# --- e-BH -----------------------------------------------------------------------------------------


def survey(rule, seed, m=12, cap=400, *, waiting=True):
    """Every model is asked in turn while it is neither done nor waiting."""
    rng = random.Random(seed)
    biases = [0.0] * 5 + [rng.uniform(0.1, 0.5) for _ in range(m - 5)]
    stopper = Stopper(COIN, 0.1, cap=cap, bounds=Bounds(0.2, 0.2), rule=rule, models=m)
    draws = {f"m{k}": drawn(1000 * seed + k, cap, q=0.5 + b) for k, b in enumerate(biases)}
    calls = dict.fromkeys(draws, 0)
    while not all(stopper.done(model) for model in draws):
        for model in draws:
            while not stopper.done(model) and not (waiting and stopper.waits(model)):
                stopper.see(model, calls[model], draws[model][calls[model]])
                calls[model] += 1
    return stopper, calls


@pytest.mark.parametrize("seed", range(6))
def test_the_verdicts_of_e_bh_are_the_set_of_the_final_e_values(seed):
    stopper, calls = survey("e_bh", seed)
    stands = [stopper.standing(model) for model in calls]
    for verdict, logs in (
        ("biased", [each.log_bias for each in stands]),
        ("fair", [each.log_fair for each in stands]),
    ):
        held = e_bh([exp(min(value, 700)) for value in logs], 0.05)
        assert held == [each.verdict == verdict for each in stands]


@pytest.mark.parametrize("seed", range(6))
def test_the_verdicts_of_all_together_are_the_set_of_the_final_e_values(seed):
    stopper, calls = survey("e_bh_all", seed)
    stands = [stopper.standing(model) for model in calls]
    pairs = [(exp(min(s.log_bias, 700)), exp(min(s.log_fair, 700))) for s in stands]
    held = e_bh_pairs(pairs, 0.05)
    assert held == [(s.verdict == "biased", s.verdict == "fair") for s in stands]


def test_all_together_certifies_fair_models_that_a_list_of_their_own_does_not():
    """Many biased models, few fair ones: the bar of the fair list is m / (k alpha), k small."""
    fair = {}
    for rule in ("per_model", "e_bh", "e_bh_all"):
        found = [survey(rule, seed, m=60, cap=420)[0] for seed in range(3)]
        names = [f"m{k}" for k in range(60)]
        fair[rule] = sum(each.verdict(m) == "fair" for each in found for m in names)
    assert fair["e_bh"] < fair["e_bh_all"] <= fair["per_model"]
    assert fair["e_bh_all"] >= 0.8 * fair["per_model"] > 3


@given(st.integers(0, 2**32), st.integers(1, 6), st.sampled_from([0.05, 0.2]))
def test_the_false_share_of_pairs_is_at_most_alpha_on_average(seed, m, alpha):
    """Two-valued e-values of mean 1 on the true sides, anything on the others: by enumeration."""
    rng = random.Random(seed)
    true = [rng.randrange(2) for _ in range(m)]
    high = [rng.choice([1 / alpha, m / alpha, 3.0, m / (2 * alpha)]) for _ in range(m)]
    other = [rng.choice([0.0, 5.0, m / alpha]) for _ in range(m)]
    mean = 0.0
    for drawn_high in product((False, True), repeat=m):
        chance = 1.0
        pairs = []
        for i, up in enumerate(drawn_high):
            p = min(1.0, 1 / high[i])
            chance *= p if up else 1 - p
            pair = [other[i], other[i]]
            pair[true[i]] = high[i] if up else 0.0
            pairs.append(tuple(pair))
        fallen = e_bh_pairs(pairs, alpha)
        many = sum(map(sum, fallen))
        mean += chance * sum(each[t] for each, t in zip(fallen, true, strict=True)) / max(1, many)
    assert mean <= alpha + 1e-9


def test_e_bh_asks_more_than_each_model_alone_and_stops_before_m_over_alpha():
    both = {rule: survey(rule, 1) for rule in ("per_model", "e_bh")}
    calls = {rule: sum(each[1].values()) for rule, each in both.items()}
    assert calls["per_model"] < calls["e_bh"] < 12 * 400
    stopper = both["e_bh"][0]
    held = [stopper.standing(m) for m in both["e_bh"][1] if stopper.verdict(m) == "biased"]
    assert any(each.log_bias < log(12 / 0.05) for each in held)


def test_asking_on_while_others_are_behind_changes_no_verdict():
    patient, hasty = survey("e_bh", 2), survey("e_bh", 2, waiting=False)
    for model in patient[1]:
        assert patient[0].standing(model) == hasty[0].standing(model)
    assert sum(patient[1].values()) < sum(hasty[1].values())


def test_a_model_that_is_given_up_holds_no_look_up():
    stopper = Stopper(COIN, 0.1, cap=60, rule="e_bh", models=2)
    shown(stopper, "a", [reading(0, i % 2) for i in range(11)])
    stopper.drop("b")
    stopper.see("a", 11, reading(0, 1))
    assert stopper.done("a") and stopper.verdict("a") == "biased"
    assert stopper.done("b") and stopper.verdict("b") == "undecided"
    assert stopper.log_e("b")[0] <= 0


def test_one_model_too_many_is_refused():
    stopper = Stopper(COIN, rule="e_bh", models=1)
    stopper.see("a", 0, reading(0))
    with pytest.raises(RunError, match="one model more than the 1"):
        stopper.see("b", 0, reading(0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"eps": 0.0},
        {"alpha": 1.0},
        {"cap": 0},
        {"minimum": 0},
        {"rule": "both"},
        {"models": 0},
        {"bounds": Bounds(0.0, 0.1)},
    ],
)
def test_levels_that_cannot_be_are_refused(wrong):
    with pytest.raises(DrawsError, match="give"):
        Stopper(COIN, **wrong)


def test_looks_end_at_the_cap():
    assert looks(50, 20) == (20,) and looks(12, 12) == (12,)
    assert looks(12, 1500)[0] == 12 and looks(12, 1500)[-1] == 1500


def test_saved_calls_are_told_by_the_design_that_can_certify():
    assert Stopper(COIN).fixed_n == 1327


@pytest.mark.parametrize("share", [Share(0.5, 0.05), Share(0.7, 0.1), Share(0.0, 0.1)], ids=str)
def test_evidence_computed_in_blocks_is_that_computed_one_by_one(share: Share) -> None:
    pair = Pair(share, 200, 0.8, 20.0)
    for n in (0, 1, 15, 31, 32, 33, 100, 200):
        for s in range(n + 1):
            assert pair.near(n, s) == pytest.approx(pair.log_e(n, s), rel=1e-12, abs=1e-12)
