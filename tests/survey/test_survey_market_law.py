"""The market's truth: prompts understood, laws exact, replies drawn from them, bills added up."""

import json
from itertools import permutations
from math import exp, sqrt
from typing import Any

import pytest

from evenodds.errors import RunError
from evenodds.survey.listing import read_listing
from evenodds.survey.market.exchange import Exchange, Sent
from evenodds.survey.market.faults import REPLIES, TRANSPORT, fault_rates, own_rates
from evenodds.survey.market.law import law
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.models import market_models
from evenodds.survey.market.prompt import read_prompt
from evenodds.survey.market.setup import Setup
from evenodds.survey.model_info import CallPrices
from evenodds.survey.published import published
from evenodds.survey.question import QUESTIONS

COIN = 'Choose "ping" or "pong", each equally likely.'
MODELS = market_models(240, seed=5, rates=fault_rates("few"))


def model(**fields: Any) -> MarketModel:
    return MarketModel("m", CallPrices(1e-6, 2e-6), **fields)


def exchange(*models: MarketModel, **setup: Any) -> Exchange:
    """A desk with models of one's own."""
    made = Exchange(Setup(**{"models": 1, **setup}), now=lambda: 0.0)
    made.models = {each.id: each for each in models} or made.models
    return made


def asked(desk: Exchange, prompt: str = COIN, name: str = "m", **fields: Any) -> Sent:
    body = {"model": name, "messages": [{"role": "user", "content": prompt}], **fields}
    return desk.answer(json.dumps(body).encode())


def text_of(sent: Sent) -> str:
    said: str = json.loads(sent.body)["choices"][0]["message"]["content"]
    return said


@pytest.mark.parametrize("name", QUESTIONS.names)  # type: ignore[attr-defined]
def test_every_prompt_of_the_survey_is_understood(name: str) -> None:
    for cell in QUESTIONS[name].cells:
        found, form = read_prompt(cell.task.prompt), cell.task.format
        assert found.options == cell.shown, cell.task.prompt
        assert found.draws == cell.draws, cell.task.prompt
        assert found.form == (f"{form.kind}:{form.label}" if form.label else form.kind)
        if name == "weighted":
            assert found.chances[found.options.index(cell.labels[0])] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("prompt", "options"),
    [
        ("Options: red, green or blue.", "red green blue"),
        ("1 is drawn.\nOptions:\n1. up\n2. down\nPick.", "up down"),
        ("Roll a die.", "1 2 3 4 5 6"),
        ("Roll a d4.", "1 2 3 4"),
        ("Toss a coin, please.", "heads tails"),
        ("Say 'x y' or 'z'.", "x_y z"),
        ("Draw a (70%) or b (30%).", "a b"),
        ("Pick between 3 and 5.", "3 4 5"),
        ("How are you today?", ""),
    ],
)
def test_other_prompts_are_understood_too(prompt: str, options: str) -> None:
    assert " ".join(o.replace(" ", "_") for o in read_prompt(prompt).options) == options


def test_a_bias_is_the_mean_over_the_orders_exactly() -> None:
    for each in MODELS.values():
        if each.greedy:
            continue
        for pair in (("0", "1"), ("mak", "zov"), ("heads", "tails")):
            laws = [
                law(each, f"Pick one of these at random: {a}, {b}.") for a, b in permutations(pair)
            ]
            mean = sum(found.prob(pair[1]) for found in laws) / 2
            likes = 1 if each.favourite >= 0.5 else -1
            if not each.label or pair[0] == "0":
                assert mean == pytest.approx(0.5 + likes * each.bias, abs=1e-12)
            first = [found.probs[0] for found in laws]
            place = (sum(first) - 1) / 2
            room = min(mean, 1 - mean)
            sign = 1 if each.position > 0 else -1
            assert place == pytest.approx(sign * min(abs(each.position), room), abs=1e-12)


def test_laws_are_laws() -> None:
    prompts = [
        cell.task.prompt
        for name in ("die", "weighted", "coin")
        for cell in QUESTIONS[name].cells[::17]
    ]
    for each in MODELS.values():
        for prompt in prompts:
            found = law(each, prompt, structured=True, temperature=0.7)
            assert sum(found.probs) == pytest.approx(1) and min(found.probs) >= 0
            assert 0 <= found.invalid <= 0.5


def test_more_options_have_a_favourite_in_every_order() -> None:
    biased = model(bias=0.2, favourite=0.7)
    for shown in ("1, 2, 3, 4, 5, 6", "5, 6, 1, 2, 3, 4"):
        found = law(biased, f"Roll a fair die with the faces {shown}.")
        assert found.prob("5") == pytest.approx(0.6 / 6 + 0.4)
        assert found.prob("1") == pytest.approx(0.1)
    first = law(model(position=0.5), "Roll a fair die with the faces 5, 6, 1, 2, 3, 4.")
    assert first.prob("5") == 1


def test_greedy_and_cold_models_answer_the_likeliest() -> None:
    weighted = "red with probability 0.7 or blue with probability 0.3"
    assert law(model(greedy=True), weighted).prob("red") == 1
    assert law(model(), weighted, temperature=0).prob("red") == 1
    assert law(model(), weighted, temperature=0.5).prob("red") == pytest.approx(0.49 / 0.58)
    assert law(model(schema=0.1, bias=0.1), COIN, structured=True).prob("ping") == pytest.approx(
        0.7
    )


def test_replies_are_draws_of_the_law() -> None:
    n, one = 4000, model(bias=0.15, favourite=0.9, position=0.1, rates={"refusal": 0.1})
    desk = exchange(one)
    said = [text_of(asked(desk, seed=seed)) for seed in range(n)]
    found = law(one, COIN)
    for text, prob in (("ping", 0.9 * found.prob("ping")), ("", 0.1)):
        assert abs(said.count(text) - n * prob) < 6.2 * sqrt(n * prob * (1 - prob))  # 6e-10


def test_twelve_draws_are_twelve_draws() -> None:
    desk, one = exchange(model(bias=0.3)), model(bias=0.3)
    prompt = QUESTIONS["twelve"].cells[0].task.prompt
    lists = [text_of(asked(desk, prompt, seed=seed)).split(", ") for seed in range(400)]
    assert {len(each) for each in lists} == {12}
    n, prob = 4800, law(one, prompt).probs[0]
    hits = sum(each.count(law(one, prompt).options[0]) for each in lists)
    assert abs(hits - n * prob) < 6.2 * sqrt(n * prob * (1 - prob))


def test_the_same_request_gets_the_same_reply_and_its_own_id() -> None:
    one, two = exchange(model()), exchange(model())
    first, again, other = asked(one, seed=7), asked(one, seed=7), asked(two, seed=7)
    assert first.body == other.body and text_of(first) == text_of(again)
    assert json.loads(first.body)["id"] != json.loads(again.body)["id"]
    assert len({text_of(asked(one, seed=seed)) for seed in range(30)}) == 2
    assert text_of(asked(exchange(model(), seed=1), seed=7)) in ("ping", "pong")


def test_one_seed_in_two_prompts_gives_independent_replies() -> None:
    desk, n = exchange(model()), 400
    pairs = [[text_of(asked(desk, COIN + end, seed=i)) for end in ("", " Now.")] for i in range(n)]
    assert abs(sum(one == two for one, two in pairs) - n / 2) < 6.2 * sqrt(n / 4)


def test_without_seeds_replies_hang_on_the_order_of_calls() -> None:
    for one, fields in ((model(), {}), (model(seeded=False), {"seed": 3})):
        desk, again = exchange(one), exchange(one)
        said = [text_of(asked(desk, **fields)) for _ in range(30)]
        assert set(said) == {"ping", "pong"}
        assert said == [text_of(asked(again, **fields)) for _ in range(30)]


def test_a_fault_passes_and_the_reply_is_the_one_that_was_due() -> None:
    due = text_of(asked(exchange(model()), seed=1))
    desk = exchange(model(rates=dict.fromkeys(TRANSPORT, 0.1)))
    for _ in range(200):
        sent = asked(desk, seed=1)
        if sent.status == 200 and not sent.torn and b'"choices"' in sent.body:
            try:
                assert text_of(sent) == due
            except ValueError:
                assert sent.body.startswith(b'{"id"')
    kinds = desk.bill.accounts["m"].kinds
    assert set(kinds) == {*TRANSPORT, "outcome"}


@pytest.mark.parametrize("kind", REPLIES)
def test_replies_that_are_none_are_typed_and_paid(kind: str) -> None:
    desk = exchange(model(rates={kind: 1.0}))
    found = json.loads(asked(desk, seed=1, max_tokens=50).body)
    choice = found["choices"][0]
    finish = {"filtered": "content_filter", "endless": "length"}.get(kind, "stop")
    assert choice["finish_reason"] == finish
    assert bool(choice["message"]["refusal"]) is (kind == "refusal")
    assert choice["message"]["content"] not in ("ping", "pong")
    assert found["usage"]["cost"] > 0 and desk.bill.accounts["m"].kinds == {kind: 1}
    assert found["usage"]["completion_tokens"] <= 50


def test_the_bill_is_the_sum_of_what_was_told() -> None:
    desk = exchange(model(thoughts=30), model(tells_cost=False))
    told = [json.loads(asked(desk, seed=seed).body)["usage"] for seed in range(50)]
    account = desk.bill.accounts["m"]
    prices = CallPrices(1e-6, 2e-6)
    owed = sum(prices.cost(u["prompt_tokens"], u["completion_tokens"]) or 0 for u in told)
    assert desk.bill.dollars == pytest.approx(owed, rel=1e-9)
    assert desk.bill.dollars == pytest.approx(sum(row.dollars for row in desk.bill.rows), rel=1e-9)
    assert (account.calls, account.whole, account.billed) == (50, 50, 50)
    assert "cost" not in told[0]  # the second model of that name goes first


def test_repeated_replies_have_one_id_and_missing_usage_is_missing() -> None:
    desk = exchange(model(rates={"repeated": 1.0, "no_usage": 1.0}))
    bodies = {asked(desk, seed=seed).body for seed in range(5)}
    assert len(bodies) == 1 and "usage" not in json.loads(bodies.pop())
    assert desk.bill.accounts["m"].billed == 5


def test_who_is_dead_limited_or_unknown_says_so() -> None:
    desk = exchange(model(dead="down"))
    assert asked(desk).status == 503 and asked(desk, name="x").status == 404
    assert exchange(model(dead="hangs")).answer(b"{}").status == 400
    assert asked(exchange(model(dead="hangs"))).hangs
    slow = exchange(model(calls_a_second=1.0))
    sent = [asked(slow, seed=i) for i in range(3)]
    assert [each.status for each in sent] == [200, 200, 429]
    assert 0 < float(sent[2].headers["Retry-After"]) <= 1


def test_schemas_are_kept_to_refused_or_ignored() -> None:
    able = frozenset({"response_format"})
    cell = QUESTIONS["coin_structured"].cells[0]
    fields = {"response_format": cell.response_format, "seed": 1}
    taken = text_of(asked(exchange(model(supported=able)), cell.task.prompt, **fields))
    assert json.loads(taken)["answer"] in cell.shown
    hundred = QUESTIONS["hundred_structured"].cells[0]
    fields["response_format"] = hundred.response_format
    number = text_of(asked(exchange(model(supported=able)), hundred.task.prompt, **fields))
    assert 1 <= json.loads(number)["answer"] <= 100
    refused = asked(exchange(model()), cell.task.prompt, **fields)
    assert refused.status == 400 and b"response_format" in refused.body
    assert text_of(asked(exchange(model(polite=False)), cell.task.prompt, **fields)) in cell.shown


def test_log_probabilities_are_those_of_the_law() -> None:
    one = model(bias=0.2, supported=frozenset({"logprobs"}), rates={"malformed": 0.01})
    desk = exchange(one)
    for prompt in (COIN, f"{COIN} Put it in <answer></answer> tags."):
        sent = asked(desk, prompt, seed=1, logprobs=True, top_logprobs=5)
        tokens = json.loads(sent.body)["choices"][0]["logprobs"]["content"]
        assert "".join(token["token"] for token in tokens) == text_of(sent)
        top = {t["token"]: exp(t["logprob"]) for t in tokens[len(tokens) // 2]["top_logprobs"]}
        expected = law(one, prompt)
        assert top == pytest.approx({o: 0.99 * expected.prob(o) for o in expected.options})
    assert (
        json.loads(asked(exchange(model()), logprobs=True).body)["choices"][0]["logprobs"] is None
    )


def test_the_published_forty_are_there_with_their_biases() -> None:
    for row in published():
        found = MODELS[row.id]
        assert found.bias == row.bias and found.position == found.label == 0
        probs = law(found, QUESTIONS["coin_article"].cells[0].task.prompt).probs
        assert max(probs) - 0.5 == pytest.approx(row.bias)


def test_other_biases_spread_evenly_in_both_directions() -> None:
    many = list(market_models(2040, seed=3, quirks=False).values())[40:]
    biases = sorted(each.bias for each in many)
    worst = max(abs(bias / 0.5 - i / len(biases)) for i, bias in enumerate(biases))
    assert worst < 3.3 / sqrt(len(biases))  # Kolmogorov: 2 exp(-2 * 3.3^2) = 7e-10
    up = sum(each.favourite >= 0.5 for each in many)
    assert abs(up - 1000) < 6.2 * sqrt(500)
    assert len({each.id for each in many}) == 2000


def test_effects_move_the_biases_they_name() -> None:
    def mean(models: dict[str, MarketModel], coding: bool) -> float:
        some = [m.bias for m in list(models.values())[40:] if m.covariates["coding"] is coding]
        return sum(some) / len(some)

    plain, moved = market_models(1040, 1), market_models(1040, 1, effects={"coding": 1.5})
    assert mean(moved, True) > mean(plain, True) + 0.05
    assert mean(moved, False) == mean(plain, False)
    with pytest.raises(RunError, match="moves no bias"):
        market_models(5, 1, effects={"luck": 1.0})


def test_names_and_listing_tell_the_truth() -> None:
    desk = Exchange(Setup(models=120, seed=2))
    for info in read_listing(desk.listing()):
        true = desk.models[info.id]
        assert info.prices == true.prices and info.supported == true.supported
    from evenodds.survey.covariates import from_name

    for true in list(desk.models.values())[40:]:
        told = from_name(true.id)
        assert told["billions"].value == true.covariates["billions"]
        for name in ("mixture", "reasoning", "coding", "roleplay"):
            assert (name in told and told[name].value is True) is true.covariates[name]


def test_faults_differ_between_models_and_average_to_the_rate() -> None:
    rates = fault_rates("few")
    many = market_models(1000, seed=1, rates=rates).values()
    errors = [each.rates["error"] for each in many]
    assert abs(sum(errors) / 1000 - rates["error"]) < 6.2 * rates["error"] / sqrt(1000)
    assert max(errors) > 4 * rates["error"]
    assert own_rates(dict.fromkeys(TRANSPORT, 0.2), dict.fromkeys(TRANSPORT, 0.9))["reset"] < 0.1


@pytest.mark.parametrize(
    "setup",
    [
        {"faults": "some"},
        {"faults": "reset=2"},
        {"latency": -1},
        {"models": 3, "dead": 3},
        {"port": 70000},
        {"jitter": float("nan")},
    ],
)
def test_a_market_that_cannot_be_is_refused(setup: dict[str, Any]) -> None:
    with pytest.raises(RunError):
        Setup(**setup).market_models()
