"""What `survey plan` and `survey run` share: which models, which questions, how much money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from evenodds.errors import BudgetError, RunError

if TYPE_CHECKING:
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.model_info import CallPrices
    from evenodds.survey.question import SurveyQuestion

WhereArgument = Annotated[
    str, typer.Argument(help="Base URL of an API, a saved catalogue, or a list of ids.")
]
QuestionOption = Annotated[
    list[str] | None,
    typer.Option("--question", "-q", help="coin, die, ..., or a YAML file. Repeatable. [coin]"),
]
SuiteOption = Annotated[
    list[str] | None,
    typer.Option("--suite", help="die, coin, core, or a file of tasks: a question a law."),
]
DrawsOption = Annotated[
    int, typer.Option("--draws", min=1, help="Most draws of a model and question.")
]
CapOption = Annotated[
    float | None, typer.Option("--cap", help="Dollars that all of it may cost at most.")
]
CapPerModelOption = Annotated[
    float | None, typer.Option("--cap-per-model", help="Dollars that a model may cost at most.")
]
MaxTokensOption = Annotated[
    int | None,
    typer.Option("--max-tokens", min=1, help="Longest reply; else as the question has it."),
]
THOUGHT = 4096
"""Tokens: a model that thinks about a toss often takes a few thousand; a limit that cuts it off
leaves a reply that is paid and no outcome."""
ThoughtOption = Annotated[
    int,
    typer.Option("--thought-tokens", min=0, help="Models that think may take so many tokens more."),
]
PriceInOption = Annotated[
    float | None,
    typer.Option("--price-in", min=0, help="$ a million tokens of prompt, where none is listed."),
]
PriceOutOption = Annotated[
    float | None,
    typer.Option("--price-out", min=0, help="$ a million tokens of reply, where none is listed."),
]


def prices_of(price_in: float | None, price_out: float | None) -> CallPrices | None:
    """What models cost whose prices nobody lists, from dollars a million tokens; None: unknown.

    Raises BudgetError for one price without the other.
    """
    from evenodds.survey.model_info import CallPrices

    if price_in is None and price_out is None:
        return None
    if price_in is None or price_out is None:
        raise BudgetError("--price-in and --price-out go together: give both (0 and 0 is free).")
    return CallPrices(price_in / 1e6, price_out / 1e6)


def catalogue_of(
    where: str, key_env: str, timeout: float, prices: CallPrices | None = None
) -> Catalogue:
    """The models to ask; of a live listing those for text that are not on the usual skip list.

    `prices` are those of models whose own are unknown.
    """
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.filters import Filter, filtered
    from evenodds.survey.skip import default_skips

    found = Catalogue.load(where, key_env=key_env, timeout=timeout)
    if "://" in where:
        found = filtered(found, Filter(), default_skips())
    if not found.models:
        raise RunError(f"{where} lists no model that could be asked: choose another source.")
    return found if prices is None else found.priced(prices)


def api_of(where: str, catalogue: Catalogue) -> str:
    """The API that is asked where none is named: the one that the catalogue came from, or ""."""
    return next((url for url in (catalogue.source, where) if "://" in url and "," not in url), "")


def questions_of(
    names: Sequence[str] | None, max_tokens: int | None, suites: Sequence[str] | None = None
) -> list[SurveyQuestion]:
    """The questions that are named, built-in ones or files, and those of suites; each once.

    The coin where nothing is named. Raises RunError for a name that is none.
    """
    from dataclasses import replace

    from evenodds.survey.cells import load_question
    from evenodds.survey.question import QUESTIONS

    found = {}
    for question in _suites(suites or ()):
        found[question.name] = question
    for name in names or ([] if suites else ["coin"]):
        if name in QUESTIONS:
            question = QUESTIONS[name]
        elif name.endswith((".yaml", ".yml")):
            question = load_question(name)
        else:
            known = ", ".join(QUESTIONS)
            raise RunError(f"There is no question {name!r}: give a YAML file, or one of {known}.")
        found[question.name] = question
    if max_tokens is None:
        return list(found.values())
    return [replace(question, max_tokens=max_tokens) for question in found.values()]


def _suites(names: Sequence[str]) -> Iterator[SurveyQuestion]:
    """The questions of suites; tells of tasks that are left out. Raises RunError for none left."""
    import sys

    from evenodds.survey.suite_questions import suite_questions
    from evenodds.tasks.suite import load_suite

    for name in names:
        suite = load_suite(name)
        questions, left = suite_questions(suite)
        if not questions:
            raise RunError(f"{name} has no task whose outcomes can be listed: name another suite.")
        if left:
            print(
                f"{name}: {len(left)} of {len(suite)} tasks have too many outcomes to be listed "
                f"and are not asked, such as {left[0].name or left[0].key}.",
                file=sys.stderr,
            )
        yield from questions
