"""`evenodds survey run WHERE --out FOLDER`: ask, within the caps; the same again goes on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.models import (
    KEY_ENV,
    ExtraOption,
    KeyOption,
    ReasoningOption,
    TimeoutOption,
    json_object,
)
from evenodds.cli.survey_checks import demand_replies, folder_for
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
    api_of,
    catalogue_of,
    prices_of,
    questions_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenodds.survey.plan import Plan


def run(
    where: WhereArgument,
    *,
    out: Annotated[Path, typer.Option(help="Folder of the survey; its ledger is in there.")],
    endpoint: Annotated[
        str | None, typer.Option(help="Base URL that is asked, else where the models are from.")
    ] = None,
    question: QuestionOption = None,
    suite: SuiteOption = None,
    draws: DrawsOption = 1500,
    cap: CapOption = None,
    cap_per_model: CapPerModelOption = None,
    price_in: PriceInOption = None,
    price_out: PriceOutOption = None,
    max_tokens: MaxTokensOption = None,
    thought_tokens: ThoughtOption = THOUGHT,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="Ask for all draws, decided or not.")
    ] = False,
    eps: Annotated[float, typer.Option(help="Tolerance: the tv that counts as fair.")] = 0.05,
    alpha: Annotated[float, typer.Option(help="Probability of a false verdict.")] = 0.05,
    minimum: Annotated[int, typer.Option(min=1, help="No verdict before so many draws.")] = 16,
    position: Annotated[
        float, typer.Option(min=0, max=1, help="Most position bias of a fair model; 0: any.")
    ] = 0.1,
    invalid: Annotated[
        float, typer.Option(min=0, max=1, help="Most invalid replies of a fair model; 0: any.")
    ] = 0.1,
    rule: Annotated[
        str,
        typer.Option(
            help="What alpha bounds: per_model each verdict, e_bh the false share of 'biased' and "
            "of 'fair', e_bh_all that of all verdicts."
        ),
    ] = "per_model",
    logprobs: Annotated[
        bool, typer.Option(help="Use the log-probabilities that models say they show.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the cells, and of the replies.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Calls at a time, at an API.")] = 64,
    per_model: Annotated[int, typer.Option(min=1, help="Calls at a time, of a model.")] = 8,
    rate: Annotated[float | None, typer.Option(help="Calls a minute, at an API.")] = None,
    rate_per_model: Annotated[
        float | None, typer.Option(help="Calls a minute, of a model.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds until a model without answers is given up.")
    ] = 300.0,
    key_env: KeyOption = KEY_ENV,
    timeout: TimeoutOption = 60.0,
    reasoning: ReasoningOption = None,
    extra: ExtraOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before paying.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Survey the models of a catalogue; run again, it goes on where it ended."""
    from evenodds.cli.survey_progress import progress
    from evenodds.models.endpoint_body import Options
    from evenodds.survey import reading
    from evenodds.survey.apis import Apis
    from evenodds.survey.asking import Asking
    from evenodds.survey.catalogue_fetch import demand_reachable
    from evenodds.survey.interfaces import Reader
    from evenodds.survey.limits import Limits
    from evenodds.survey.plan import plan as planned
    from evenodds.survey.run import run as ran
    from evenodds.survey.stopping import Bounds
    from evenodds.survey.store import Store

    folder_for(out)
    own = Options(reasoning=reasoning, extra={} if extra is None else json_object(extra))
    catalogue = catalogue_of(where, key_env, timeout, prices_of(price_in, price_out))
    apis = Apis(catalogue.models, endpoint or api_of(where, catalogue), key_env, timeout)
    asking = Asking(catalogue, questions_of(question, max_tokens, suite), apis, own, logprobs)
    told = planned(
        catalogue.models,
        asking.questions,
        draws,
        cap=cap,
        cap_per_model=cap_per_model,
        thought=thought_tokens,
    )
    levels: dict[str, Any] = {"eps": eps, "alpha": alpha, "minimum": minimum, "rule": rule}
    bounds = {"position": position or None, "invalid": invalid or None}
    judges = {} if fixed else asking.stoppers(draws, Bounds(**bounds), **levels)
    stopping = None if fixed else _stopping({**levels, **bounds}, asking.many)
    _agreed(told, yes)
    if not (out / "survey.sqlite").exists():  # what is there may be whole, and need no server
        for url in apis.urls:
            demand_reachable(url, timeout)
    limits = Limits(
        concurrency=concurrency,
        per_model=per_model,
        rate=rate,
        rate_per_model=rate_per_model,
        patience=patience,
        timeout=timeout,
    )
    store = Store(out / "survey.sqlite")
    with progress(told.calls) as tell:
        outcome = ran(
            catalogue,
            asking.questions,
            told,
            store,
            connect=asking.caller,
            reader=Reader(reading.READER, reading.read),
            stopper=judges,
            limits=limits,
            seed=seed,
            config=asking.config(stopping, suites=suite),
            begun=lambda: asking.save(out),
            tell=tell,
        )
    _print(outcome, out, as_json)
    demand_replies(outcome, ", ".join(apis.urls), key_env)


def _stopping(shape: dict[str, Any], many: "Mapping[str, int]") -> dict[str, Any]:
    """What ends a model's draws, for the record; of all together also how many they are."""
    return shape if shape["rule"] == "per_model" else {**shape, "models": dict(many)}


def _agreed(told: "Plan", yes: bool) -> None:
    """Tell what it may cost, and wait for a yes where a person is there and no cap is.

    Raises BudgetError where nobody can say yes, and where every model lacks the price that a cap
    needs; RunError where no model can be asked.
    """
    import sys

    from evenodds.errors import BudgetError, RunError
    from evenodds.report.survey_plan import dollars, plan_lines, some

    if not told.lines:
        raise RunError(
            "No model of this catalogue can be asked these questions: a structured one needs a "
            "model that lists structured_outputs or response_format (`supported` in a list of ids)."
        )
    priceless = f"no price is known of {some(told.unknown)}"
    if told.capped and len(told.unknown) == len({line.model for line in told.lines}) > 0:
        raise BudgetError(
            f"A cap needs prices, and {priceless}: give --price-in and --price-out (0 and 0 where "
            "it is free), or a list with prices, or no cap but --yes."
        )
    if yes or told.cap is not None or (told.worst == 0 and not told.unknown):
        return
    if sys.stdin is None or not sys.stdin.isatty():
        besides = f" ({priceless})" if told.unknown else ""
        raise BudgetError(
            f"This may cost {dollars(told.worst or None)} at worst{besides} and has no cap: give "
            "--cap, with --price-in and --price-out where prices are unknown, or --yes."
        )
    print("\n".join(plan_lines(told, 5)), file=sys.stderr)
    typer.confirm("Go on?", abort=True, err=True)


def _print(outcome: Any, out: Path, as_json: bool) -> None:
    import json

    from evenodds.report.survey_outcome import outcome_json, outcome_lines

    if as_json:
        print(json.dumps(outcome_json(outcome), indent=1, ensure_ascii=False))
        return
    print("\n".join(outcome_lines(outcome, str(out))))
