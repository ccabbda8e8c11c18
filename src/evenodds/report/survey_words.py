"""The sentences of a survey's report: what the numbers mean, at what cost, and how sure."""

from collections import Counter
from collections.abc import Mapping

from evenodds.survey.analysis.analysis import QuestionAnalysis, Settings
from evenodds.survey.analysis.costs import Costs

VERDICTS = ("fair", "undecided", "biased")
PARTS = {"marginal": "their outcomes", "position": "places", "invalid": "invalid replies"}


def headline(found: QuestionAnalysis, settings: Settings) -> str:
    """How many models are what, as a headline."""
    fair, biased = found.number("fair"), found.number("biased")
    within = bound(settings.eps)
    if not fair:
        return (
            f"No model of {len(found.rows)} is shown to be fair within {within}, {_biased(biased)}"
        )
    return f"{fair} of {len(found.rows)} models {are(fair)} fair within {within}, {_biased(biased)}"


def _biased(many: int) -> str:
    return f"{many} {are(many)} biased"


def meaning(found: QuestionAnalysis, settings: Settings, costs: Costs | None) -> str:
    """The first sentence of a report: fair, biased, undecided, and at what cost."""
    numbers = {verdict: found.number(verdict) for verdict in VERDICTS}
    draws = sum(row.n for row in found.rows)
    spent = sum(row.cost for row in found.rows)
    price = f", for ${spent:,.2f}" if costs is not None and costs.spent else ""
    return (
        f"{found.question}: of {len(found.rows)} models {numbers['fair']} {are(numbers['fair'])} "
        f"fair within {bound(settings.eps)}, {numbers['biased']} biased, {numbers['undecided']} "
        f"undecided{undecided(found)}, after {draws:,} draws{price}.{reasons(found)}"
    )


def undecided(found: QuestionAnalysis) -> str:
    """Why models are undecided: no draw decided, or none came or could be paid; "" if unknown."""
    why = Counter(row.why for row in found.rows if row.verdict == "undecided" and row.why in OPEN)
    said = [f"{many} {OPEN[each]}" for each, many in why.most_common()]
    return f" ({', '.join(said)})" if said else ""


def reasons(found: QuestionAnalysis) -> str:
    """What the biased models are called biased for, where it is not the outcome alone."""
    parts = Counter(row.judged.part for row in found.rows if row.verdict == "biased")
    said = [f"{parts[part]} for {words}" for part, words in PARTS.items() if parts[part]]
    if not said or set(parts) == {"marginal"}:
        return ""
    return f" What weighs most against those that are biased: {', '.join(said)}."


def control(found: QuestionAnalysis, settings: Settings) -> str:
    """Which errors are bounded, and which are not."""
    both = {v: found.number(v, together=True) for v in ("fair", "biased")}
    when = ", whenever it stopped" if found.sequential else ""
    return (
        f"Each verdict by itself is wrong with probability at most {bound(settings.alpha)}{when}; "
        f"of {len(found.rows)} such verdicts on average at most "
        f"{settings.alpha * len(found.rows):.2g} are wrong. All together ({found.method}): "
        f"{both['biased']} biased and {both['fair']} fair, of {whole(found)} on average at most "
        f"{settings.alpha:.0%} wrong."
    )


def whole(found: QuestionAnalysis) -> str:
    """Of what the verdicts together bound the false share."""
    return "all these verdicts" if found.pooled else "each list"


def bounds(settings: Settings) -> str:
    """What a fair model has to be besides unbiased."""
    parts = [f"bias (tv) at most {bound(settings.eps)}"]
    if settings.position is not None:
        parts.append(f"position bias at most {bound(settings.position)}")
    if settings.invalid is not None:
        parts.append(f"invalid replies at most {settings.invalid * 100:g}%")
    return f"Fair means: {', '.join(parts)}. Biased means: one of them is more."


def endings(ended: Mapping[str, int]) -> str:
    """Why models' parts of a question ended; empty where nothing is known.

    >>> endings({"decided": 3, "cap": 1})
    'Ended: 3 by the stopping rule, 1 at the cap on cost.'
    """
    if not ended:
        return ""
    return f"Ended: {', '.join(f'{n} {_ENDED.get(why, why)}' for why, n in ended.items())}."


OPEN = {
    "all draws": "after all draws",
    "cap": "at the cap on cost",
    "given up": "given up",
    "refused": "refused by the server",
}
"""Why a model may be undecided, in words."""
_ENDED = {
    "decided": "by the stopping rule",
    **OPEN,
    "price unknown": "not asked (price unknown)",
}


def bound(value: float) -> str:
    """A bound that someone chose, with the digits that they gave it.

    >>> bound(0.1), bound(0.05), bound(0.0125)
    ('.1', '.05', '.0125')
    """
    return f"{value:g}".removeprefix("0")


def lost(faults: Mapping[str, int]) -> list[tuple[int, str]]:
    """What calls without a reply came to: alike ones in one, with the words of the first of them.

    >>> lost({"answered 500: oh": 2, "sent no JSON: {1": 1, "sent no JSON: {2": 4})
    [(5, 'sent no JSON: {1'), (2, 'answered 500: oh')]
    """
    found: dict[str, tuple[int, str]] = {}
    for said, many in faults.items():
        kind = said.partition(": ")[0]
        before, words = found.get(kind, (0, said))
        found[kind] = before + many, words
    return sorted(found.values(), key=lambda each: -each[0])


def dearest(many: int) -> str:
    """So many models, by what they cost.

    >>> dearest(1), dearest(3)
    ('the dearest', 'the 3 dearest')
    """
    return "the dearest" if many == 1 else f"the {many} dearest"


def are(many: int) -> str:
    """The verb for so many."""
    return "is" if many == 1 else "are"


def dollars(value: float) -> str:
    """Dollars in at most eight columns.

    >>> dollars(12.345), dollars(0.01234), dollars(0.0000123), dollars(1e-9), dollars(0)
    ('$12.35', '$.0123', '$.000012', '<$.000001', '$0')
    """
    if value == 0:
        return "$0"
    if value < 1e-6:
        return "<$.000001"
    digits = 2 if value >= 1 else 4 if value >= 0.001 else 6
    return f"${value:,.{digits}f}".replace("$0.", "$.")
