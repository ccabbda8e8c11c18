"""`evenodds survey plan WHERE`: what a survey costs, before anything is paid."""

from pathlib import Path
from typing import Annotated

import typer

from evenodds.cli.models import KEY_ENV, KeyOption, TimeoutOption
from evenodds.cli.survey_options import (
    THOUGHT,
    CapOption,
    CapPerModelOption,
    DrawsOption,
    MaxTokensOption,
    PriceInOption,
    PriceOutOption,
    QuestionOption,
    SuiteOption,
    ThoughtOption,
    WhereArgument,
    catalogue_of,
    prices_of,
    questions_of,
)


def plan(
    where: WhereArgument,
    *,
    question: QuestionOption = None,
    suite: SuiteOption = None,
    draws: DrawsOption = 50,
    cap: CapOption = None,
    cap_per_model: CapPerModelOption = None,
    max_tokens: MaxTokensOption = None,
    thought_tokens: ThoughtOption = THOUGHT,
    price_in: PriceInOption = None,
    price_out: PriceOutOption = None,
    completion: Annotated[
        int, typer.Option(min=0, help="Tokens of a reply in all likelihood.")
    ] = 40,
    thought: Annotated[
        int, typer.Option(min=0, help="Tokens of a thought in all likelihood.")
    ] = 600,
    expected_draws: Annotated[
        float | None, typer.Option(min=0, help="Draws on average, where a run stops early.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of a survey under way: costs so far go in.")
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="So many of the dearest are listed.")] = 15,
    key_env: KeyOption = KEY_ENV,
    timeout: TimeoutOption = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print models x questions x draws with worst-case and expected cost, the dearest first."""
    import json

    from evenodds.report.survey_plan import plan_lines
    from evenodds.survey.cost import Typical
    from evenodds.survey.plan import plan as planned
    from evenodds.survey.store import Store

    seen = None if out is None else Store(out / "survey.sqlite", read_only=True).costs()
    found = planned(
        catalogue_of(where, key_env, timeout, prices_of(price_in, price_out)).models,
        questions_of(question, max_tokens, suite),
        draws,
        cap=cap,
        cap_per_model=cap_per_model,
        typical=Typical(completion=completion, reasoning=thought),
        expected_draws=expected_draws,
        seen=seen,
        thought=thought_tokens,
    )
    if as_json:
        print(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
        return
    print("\n".join(plan_lines(found, top)))
