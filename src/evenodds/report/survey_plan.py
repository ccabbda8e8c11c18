"""The plan of a survey for a terminal: the cost at worst and the likely one, dearest first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from evenodds.report.text import fitted
from evenodds.survey.plan import Plan, PlanLine

__all__ = ["dollars", "plan_lines", "some"]

WIDTH = 80


def plan_lines(plan: Plan, top: int = 15) -> list[str]:
    """A plan as lines of at most 80 columns; the `top` dearest models and questions are listed."""
    if not plan.lines:
        return ["No model of this catalogue can be asked these questions: nothing is planned."]
    rows = [_row(line) for line in plan.lines[:top]]
    rest = plan.lines[top:]
    if rest:
        rows.append(
            _cells(f"{len(rest)} more", "", "", _sum(rest, "worst"), _sum(rest, "expected"))
        )
    everything = _cells(
        "in all", "", f"{plan.calls:,}", dollars(plan.worst), dollars(plan.expected)
    )
    table = [_cells("model", "question", "draws", "at worst", "expected"), *rows, everything]
    told = [line for each in _told(plan) for line in textwrap.wrap(each, WIDTH)]
    return [*textwrap.wrap(_sentence(plan), WIDTH), "", *table, "", *told]


def dollars(amount: float | None) -> str:
    """Dollars, with as many digits as they need.

    >>> dollars(12.345), dollars(0.00123), dollars(0), dollars(None)
    ('$12.35', '$0.0012', '$0', 'unknown')
    """
    if amount is None:
        return "unknown"
    if amount == 0:
        return "$0"
    return (
        f"${amount:,.2f}"
        if amount >= 0.1
        else f"${amount:.2g}"
        if amount < 1e-3
        else (f"${amount:.4f}")
    )


def _sentence(plan: Plan) -> str:
    models = len({line.model for line in plan.lines})
    questions = len({line.question for line in plan.lines})
    asked = "one question" if questions == 1 else f"{questions} questions"
    return (
        f"{models:,} models, {asked}, at most {plan.draws:,} draws of each: {plan.calls:,} calls. "
        f"At the very most {dollars(plan.most)} can be spent; {dollars(plan.expected)} is expected."
    )


def _told(plan: Plan) -> Iterator[str]:
    typical = plan.typical
    yield (
        "At worst: a token a byte of prompt, and every reply as long as its limit, at the dearest "
        "price; calls that fail are asked again, within the caps alone."
    )
    yield (
        f"Expected: {typical.bytes_per_token:g} bytes a token, {typical.completion} tokens a reply,"
        f" {typical.reasoning} more for models that think."
    )
    if plan.thought and any(line.thinks for line in plan.lines):
        longest = max(line.longest for line in plan.lines if line.thinks)
        yield (
            f"Models that think may take {plan.thought:,} tokens more than the others "
            f"(--thought-tokens): {longest:,} in all, which is what they cost at worst."
        )
    if plan.cap is None and plan.cap_per_model is None:
        yield "There is no cap: give --cap, and --cap-per-model."
    if plan.cap is not None and plan.cap < plan.expected:
        yield f"The cap of {dollars(plan.cap)} is below what is expected: models will end at it."
    if plan.cap_per_model is not None:
        over = sum(cost > plan.cap_per_model for cost in plan.by_model().values())
        most = dollars(plan.cap_per_model)
        yield f"{over:,} models cost more than {most} at worst: they end there."
    if plan.unknown:
        asked = "cannot be asked under a cap" if plan.capped else "are in no sum"
        yield f"No price is known of {some(plan.unknown)}: such models {asked}."


def some(names: tuple[str, ...]) -> str:
    """The first three of several names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _row(line: PlanLine) -> str:
    name = f"{line.model} (thinks)" if line.thinks else line.model
    money = (dollars(line.worst), dollars(line.expected))
    return _cells(name, line.question, f"{line.draws:,}", *money)


def _sum(lines: tuple[PlanLine, ...], name: str) -> str:
    return dollars(sum(getattr(line, name) or 0.0 for line in lines))


def _cells(model: str, question: str, *numbers: str) -> str:
    shown = f"{fitted(model, 35)} {fitted(question, 15)}"
    return shown + "".join(f" {number:>8}" for number in numbers)
