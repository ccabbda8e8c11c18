"""How a run of a survey ended, for a terminal: verdicts, why models ended, what it cost."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping
from typing import Any

from evenodds.report.survey_plan import dollars
from evenodds.report.text import fitted, printable
from evenodds.survey.progress import Outcome

__all__ = ["outcome_json", "outcome_lines"]


def outcome_lines(outcome: Outcome, where: str) -> list[str]:
    """The end of a run in at most 80 columns; `where` is its folder."""
    kept = sum(stop.kept - stop.copied for stop in outcome.stops)
    lead = (
        f"{outcome.paid:,} replies came in {outcome.seconds:,.0f} s, {outcome.failed:,} calls "
        f"failed. {where} holds {kept:,} draws for {dollars(outcome.spent)}, {outcome.unused:,} of "
        "them after a verdict was clear."
    )
    if outcome.copied:
        lead += f" Copies of earlier replies, which are no draws: {outcome.copied:,}."
    if not outcome.paid and any(stop.why == "cap" for stop in outcome.stops):
        lead += " The cap covers no further call: raise it to go on."
    lines = [*textwrap.wrap(lead, 80), ""]
    questions = list(dict.fromkeys(stop.question for stop in outcome.stops))
    wide = min(30, max(14, *map(len, questions), 0))
    for question in questions:
        mine = [stop for stop in outcome.stops if stop.question == question]
        verdicts = Counter(stop.verdict for stop in mine if stop.verdict)
        lines.append(f"  {fitted(question, wide)} {_counts(verdicts)}")
        lines.append(f"  {'':<{wide}} ended: {_counts(Counter(stop.why for stop in mine))}")
    for said, often in list(outcome.faults.items())[:5]:
        lines.append(f"  {often:>6,} x {printable(said, 68)}")
    troubled = {stop.model: stop.fault for stop in outcome.stops if stop.fault}
    for model, fault in list(troubled.items())[:5]:
        lines.append(f"  {printable(model, 36)}: {printable(fault, 40)}")
    if len(troubled) > 5:
        lines.append(f"  and {len(troubled) - 5} more models that were not asked to the end")
    return [line.rstrip() for line in lines]


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """The end of a run as JSON values."""
    stops = [stop.to_json() for stop in outcome.stops]
    return {**vars(outcome), "stops": stops, "unused": outcome.unused, "copied": outcome.copied}


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{often:,} {name}" for name, often in sorted(counted.items())) or "no verdict"
