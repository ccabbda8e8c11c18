"""A catalogue of models in 80 columns: prices, abilities, and why others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evenodds.report.short_names import short_names
from evenodds.report.text import fitted, printable
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.model_info import COVARIATES, ModelInfo

__all__ = ["catalogue_lines", "dropped_lines"]

_ABLE = {"s": ("seed",), "j": ("response_format", "structured_outputs"), "l": ("logprobs",)}
_KINDS = {"t": "reasoning", "p": "roleplay", "c": "coding", "m": "mixture", "o": "open_weights"}
_LEGEND = (
    "$ in, $ out: dollars a million tokens. able: s seed, j JSON schema, l log-probabilities.",
    "kind: t thinks, p role-play, c code, m mixture, o open weights; . unknown or not.",
)


def catalogue_lines(catalogue: Catalogue, limit: int = 20) -> list[str]:
    """The models, at most `limit` of them, and what is known of all."""
    shown = catalogue.models[:limit]
    names = short_names((model.id for model in shown), 37)
    lines = [f"{'model':<38}{'$ in':>8}{'$ out':>8}{'context':>9}{'B':>6} able kind"]
    lines += [_row(model, names[model.id]) for model in shown]
    more = len(catalogue.models) - len(shown)
    lines += [f"... and {more} more (--all)"] if more else []
    return [*lines, "", *_words(), *_requests(catalogue), "", *_summary(catalogue)]


def _words() -> Iterator[str]:
    for line in _LEGEND:
        yield from _wrapped(line)


def _requests(catalogue: Catalogue) -> Iterator[str]:
    """The models of which each request costs something besides its tokens, the dearest first."""
    prices = {m.id: m.prices.request for m in catalogue.models if m.prices.request}
    dear = sorted(prices, key=lambda name: (-prices[name], name))
    if dear:
        said = [f"{printable(name, 40)} ${prices[name]:g}" for name in dear[:3]]
        more = [f"{len(dear) - 3} more (--request-price bounds it)"] if len(dear) > 3 else []
        yield from _wrapped(f"each request costs besides: {', '.join([*said, *more])}.")


def _row(model: ModelInfo, name: str) -> str:
    billions = model.value("billions")
    size = f"{billions:.4g}" if isinstance(billions, float) else "."
    able = "".join(k if model.supported & set(n) else "." for k, n in _ABLE.items())
    kind = "".join(k if model.value(n) is True else "." for k, n in _KINDS.items())
    context = "." if model.context is None else f"{model.context:,}"
    prices = f"{_price(model.prices.prompt):>8}{_price(model.prices.completion):>8}"
    return f"{name} {prices}{context:>9}{size:>6} {able:<4} {kind}".rstrip()


def _price(dollars: float | None) -> str:
    return "." if dollars is None else f"{dollars * 1e6:.3g}"


def _summary(catalogue: Catalogue) -> Iterator[str]:
    models = catalogue.models
    priced = sum(model.prices.known for model in models)
    makers = len({model.organisation for model in models} - {""})
    of = f" of {makers} organisation{'s' * (makers != 1)}" if makers else ""
    yield f"{len(models)} model{'s' * (len(models) != 1)}{of}, {priced} with prices"
    known = Counter(name for model in models for name in model.covariates)
    yield from _wrapped("known: " + ", ".join(f"{n} {known[n]}" for n in COVARIATES))
    if catalogue.skipped:
        yield f"{len(catalogue.skipped)} left out (--dropped lists them with the reasons)"
    yield f"hash {catalogue.hash}"


def dropped_lines(catalogue: Catalogue) -> list[str]:
    """The models that are left out, each with its reason."""
    if not catalogue.skipped:
        return ["No model is left out."]
    return [f"{fitted(s.id, 44)} {printable(s.reason, 35)}".rstrip() for s in catalogue.skipped]


def _wrapped(line: str) -> list[str]:
    import textwrap

    return textwrap.wrap(line, 80, subsequent_indent="  ")
