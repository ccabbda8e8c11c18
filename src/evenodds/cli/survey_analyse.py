"""`evenodds survey analyse`: what the draws of a survey support."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.options import MOST_SEED

if TYPE_CHECKING:
    from evenodds.survey.analysis.analysis import Analysis, Settings
    from evenodds.survey.question import SurveyQuestion
    from evenodds.survey.store import Store

STORE, ANALYSIS = "survey.sqlite", "analysis.json"


def analyse(
    survey: Annotated[Path, typer.Argument(help="Folder of the survey, or its ledger.")],
    *,
    eps: Annotated[
        float | None, typer.Option(help="Largest tv that counts as fair; the run's by default.")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option(help="Largest error of a verdict; the run's by default.")
    ] = None,
    question: Annotated[
        list[Path] | None, typer.Option(help="YAML file of a question of one's own; repeatable.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Longest reply, if the run was given one.")
    ] = None,
    covariates: Annotated[
        Path | None, typer.Option(help="CSV of traits of models, edited by hand or not.")
    ] = None,
    contrast: Annotated[
        list[str] | None,
        typer.Option(help="Trait to compare models by; repeatable; the article's by default."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many models 'among the first' means.")] = 20,
    show: Annotated[int, typer.Option(min=1, help="Models shown from either end.")] = 10,
    bayes: Annotated[
        bool, typer.Option("--bayes", help="Fit the location-scale regression too (numpyro).")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Use draws after a verdict, where there are any.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of what is drawn.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Analyse a survey: verdicts, estimates and ranks with what is known of them, traits, costs."""
    import json

    from evenodds.report.survey_lines import analysis_lines
    from evenodds.survey.analysis.analysis import ARTICLE, Settings
    from evenodds.survey.store import Store

    store = Store(survey / STORE if survey.is_dir() else survey, read_only=True)
    try:
        asked = store.config().get("stopping") or {}
        settings = Settings(
            eps=_first(eps, asked.get("eps"), 0.05),
            alpha=_first(alpha, asked.get("alpha"), 0.05),
            top=top,
            contrasts=tuple(contrast or ARTICLE),
            seed=seed,
            minimum=int(asked.get("minimum", 12)),
        )
        questions = questions_recorded(
            store.config().get("questions", {}), question or [], max_tokens
        )
        found = analysed(store, settings, questions, covariates, bayes=bayes, whole=whole)
    finally:
        store.close()
    if as_json:
        print(json.dumps(found.to_json(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    print("\n".join(analysis_lines(found, show)))


def analysed(
    store: "Store",
    settings: "Settings",
    questions: "Mapping[str, SurveyQuestion]",
    covariates: Path | None = None,
    *,
    bayes: bool = False,
    whole: bool = False,
) -> "Analysis":
    """Analyse a ledger with the questions that it was run with."""
    from dataclasses import replace

    from evenodds.survey.analysis.analysis import analyse
    from evenodds.survey.analysis.store_tables import tables_of

    tables = tables_of(store, questions, whole=whole)
    if not _as_run(store, settings):
        tables = replace(tables, tables=tuple(replace(t, recorded={}) for t in tables.tables))
    if covariates is not None:
        tables = replace(tables, infos=_edited(tables.infos, covariates))
    return analyse(tables, questions, settings, bayes=bayes)


def _as_run(store: "Store", settings: "Settings") -> bool:
    """Whether the levels are those of the run, so that its verdicts stand."""
    asked = store.config().get("stopping") or {}
    return (asked.get("eps"), asked.get("alpha")) == (settings.eps, settings.alpha)


def _first(*values: float | None) -> float:
    return next(float(value) for value in values if value is not None)


def questions_recorded(
    recorded: Mapping[str, str], files: list[Path], max_tokens: int | None
) -> "dict[str, SurveyQuestion]":
    """The questions of a ledger by name; RunError for one that is unknown or not as it was."""
    from dataclasses import replace

    from evenodds.errors import RunError
    from evenodds.survey.cells import load_question
    from evenodds.survey.question import QUESTIONS

    own = {found.name: found for found in map(load_question, files)}
    questions = {}
    for name, content in recorded.items():
        found = own.get(name) or QUESTIONS.get(name)
        if found is None:
            raise RunError(
                f"The survey asked {name!r}, a question of its own: give its file with --question."
            )
        if max_tokens is not None:
            found = replace(found, max_tokens=max_tokens)
        if content not in (found.hash, name):
            raise RunError(
                f"The question {name!r} is not as it was when the survey was run: give the file of "
                "that time with --question, and --max-tokens if the run had it."
            )
        questions[name] = found
    return questions


def _edited(infos: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """What is known of the models, with the traits of a file."""
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.covariates import with_covariates

    found = with_covariates(Catalogue(tuple(infos.values()), source="ledger"), path)
    return {model.id: model for model in found.models}
