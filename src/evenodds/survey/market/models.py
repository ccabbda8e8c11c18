"""The models of a market: the article's forty, then others whose biases spread as its 240's did.

Their biases are uniform on [0, .5], in either direction. A name tells what the model is (size,
mixture, thinking, code, role-play). With `effects` a covariate moves the bias: 2 bias is then the
logistic of (logit of a uniform number + the sum of effect x value), with yes as 1 and no as 0, and
`size` as log10(billions / 10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, log, log10
from typing import Any

from evenodds.errors import RunError
from evenodds.survey.market.chance import chances
from evenodds.survey.market.faults import PRESETS, own_rates
from evenodds.survey.market.model import MarketModel
from evenodds.survey.model_info import CallPrices
from evenodds.survey.published import Published, published

__all__ = ["EFFECTS", "market_models"]

EFFECTS = ("size", "mixture", "reasoning", "roleplay", "coding")
"""Covariates that may move a simulated bias."""
_SIZES = (0.5, 1.5, 3, 7, 8, 12, 14, 24, 27, 32, 70, 72, 123, 405)
_MIXTURES = ("8x7b", "8x22b", "30b-a3b", "235b-a22b", "141b-a39b")
_BILLIONS = {"8x7b": 56, "8x22b": 176, "30b-a3b": 30, "235b-a22b": 235, "141b-a39b": 141}
_ALWAYS = {"max_tokens", "temperature", "top_p", "seed"}


def market_models(
    count: int,
    seed: int,
    rates: Mapping[str, float] = PRESETS["none"],
    *,
    quirks: bool = True,
    dead: int = 0,
    limited: float = 0.0,
    seedless: float = 0.0,
    effects: Mapping[str, float] | None = None,
) -> dict[str, MarketModel]:
    """`count` models by id, the published ones first: the least biased, the most biased, in turn.

    `rates`: mean rates of faults. `quirks`: whether some of the others like places, words, are
    greedy or change under a schema; the published ones never do. The last `dead` ones
    never answer. `limited`: the share of models that answer few calls a second; `seedless`: that of
    models that ignore seeds, so that their replies hang on the order of calls. Raises RunError for
    what cannot be.
    """
    moved = dict(effects or {})
    if not 0 <= dead < count:
        raise RunError(f"{count} models of which {dead} are dead are no market: give more models.")
    if strange := sorted(set(moved) - set(EFFECTS)):
        raise RunError(f"{strange[0]!r} moves no bias: choose of {', '.join(EFFECTS)}.")
    rows = published()
    turns = [row for pair in zip(rows[:20], rows[20:], strict=True) for row in pair]

    def traits(name: str, thinks: bool) -> dict[str, Any]:
        return _traits(name, seed, rates, thinks) | _shares(name, seed, limited, seedless)

    known = [_known(row, seed, traits) for row in turns[:count]]
    others = [_other(i, seed, traits, quirks, moved) for i in range(max(0, count - len(known)))]
    models = [*known, *others]
    for place in range(count - dead, count):
        how = "hangs" if place % 3 == 2 else "down"
        models[place] = _changed(models[place], dead=how)
    return {model.id: model for model in models}


def _changed(model: MarketModel, **fields: Any) -> MarketModel:
    return MarketModel(**{**vars(model), **fields})


def _known(row: Published, seed: int, traits: Callable[[str, bool], dict[str, Any]]) -> MarketModel:
    """A published model: the printed bias, in a direction that was not printed."""
    u = chances(seed, row.id, "known")
    covariates = {name: found.value for name, found in row.covariates.items()}
    open_weights = covariates.get("open_weights")
    return MarketModel(
        id=row.id,
        bias=row.bias,
        favourite=u[0],
        published=True,
        open_weights=open_weights if isinstance(open_weights, bool) else None,
        covariates=covariates,
        **traits(row.id, bool(covariates.get("reasoning"))),
    )


def _other(
    number: int,
    seed: int,
    traits: Callable[[str, bool], dict[str, Any]],
    quirks: bool,
    effects: Mapping[str, float],
) -> MarketModel:
    u, v = chances(seed, number, "other"), chances(seed, number, "kind")
    covariates, name = _kind(number, v)
    fields: dict[str, Any] = {"bias": _bias(u[0], covariates, effects), "favourite": u[1]}
    fields |= {"open_weights": covariates["open_weights"], "covariates": covariates}
    fields |= traits(name, covariates["reasoning"]) | (_quirks(name, seed) if quirks else {})
    return MarketModel(id=name, **fields)


def _kind(number: int, v: tuple[float, ...]) -> tuple[dict[str, Any], str]:
    """Covariates, and the name that tells them."""
    mixture = v[0] < 0.25
    if mixture:
        size = _MIXTURES[int(v[1] * len(_MIXTURES))]
        billions = float(_BILLIONS[size])
    else:
        billions = float(_SIZES[int(v[1] * len(_SIZES))])
        size = f"{billions:g}b"
    reasoning, coding, roleplay = v[2] < 0.2, v[3] < 0.15, 0.15 <= v[3] < 0.3
    words = [size, "thinking" * reasoning, "coder" * coding, "rp" * roleplay]
    organisation = f"lab-{int(v[4] * 25):02d}"
    covariates = {
        "organisation": organisation,
        "billions": billions,
        "mixture": mixture,
        "reasoning": reasoning,
        "roleplay": roleplay,
        "coding": coding,
        "open_weights": v[5] < 0.6,
    }
    return covariates, f"{organisation}/m{number:03d}-" + "-".join(filter(None, words))


def _bias(u: float, covariates: Mapping[str, Any], effects: Mapping[str, float]) -> float:
    values = {**covariates, "size": log10(covariates["billions"] / 10)}
    moved = sum(effect * values[name] for name, effect in effects.items())
    u = min(max(u, 1e-12), 1 - 1e-12)
    return 0.5 / (1 + exp(-(log(u / (1 - u)) + moved))) if moved else u / 2


def _quirks(name: str, seed: int) -> dict[str, Any]:
    """What makes a survey hard: places, words, schemas, greedy decoding."""
    u, v = chances(seed, name, "quirk"), chances(seed, name, "size of quirk")
    found: dict[str, Any] = {}
    if u[0] < 0.02:
        return {"bias": 0.0, "position": 0.5}  # always the first: no marginal bias at all
    if u[0] < 0.3:
        found["position"] = (0.2 * v[0] + 0.02) * (1 if v[1] < 0.7 else -1)
    if u[1] < 0.25:
        found["label"] = 0.02 + 0.15 * v[2]
    if u[2] < 0.3:
        found["schema"] = 0.3 * v[3] - 0.1
    return found | ({"greedy": True} if u[3] < 0.03 else {})


def _traits(name: str, seed: int, rates: Mapping[str, float], thinks: bool) -> dict[str, Any]:
    """Prices, abilities, faults and speed, of published and other models alike."""
    u, v = chances(seed, name, "trait"), chances(seed, name, "ability")
    drawn = {fault: chances(seed, name, "rate", fault)[0] for fault in rates}
    supported = set(_ALWAYS)
    supported |= {"response_format", "structured_outputs"} if v[0] < 0.5 else set()
    supported |= {"logprobs", "top_logprobs"} if v[1] < 0.3 else set()
    supported |= {"reasoning", "include_reasoning"} if thinks else set()
    return {
        "prices": _prices(u),
        "thoughts": int(20 + 130 * u[4] ** 2) if thinks else 0,
        "supported": frozenset(supported),
        "polite": v[2] < 0.5,
        "rates": own_rates(rates, drawn),
        "latency": 0.6 + 0.8 * u[5],
        "tells_cost": v[5] < 0.7,
        "created": 1_680_000_000 + int(u[6] * 75_000_000),
        "context": (8_192, 32_768, 131_072)[int(u[7] * 3)],
    }


def _shares(name: str, seed: int, limited: float, seedless: float) -> dict[str, Any]:
    u = chances(seed, name, "share")
    return {
        "calls_a_second": 2 + 18 * u[0] if u[1] < limited else None,
        "seeded": u[2] >= seedless,
    }


def _prices(u: tuple[float, ...]) -> CallPrices:
    """From cents to tens of dollars a million tokens; a few take something for a request too."""
    prompt = float(f"{0.03 * 300 ** (u[0] ** 2):.3g}")
    completion = float(f"{prompt * (1 + 4 * u[1]):.3g}")
    request = 0.005 if u[2] < 0.02 else 0.0
    return CallPrices(_dollars(prompt), _dollars(completion), None, request)


def _dollars(a_million: float) -> float:
    return float(f"{a_million * 1e-6:.12g}")
