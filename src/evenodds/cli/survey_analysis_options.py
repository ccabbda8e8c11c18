"""What `survey analyse` and `survey report` share: which draws, judged how, beside which traits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.options import MOST_SEED

if TYPE_CHECKING:
    from evenodds.survey.analysis.analysis import Analysis, Settings
    from evenodds.survey.question import SurveyQuestion
    from evenodds.survey.store import Store

STORE, QUESTIONS_FILE = "survey.sqlite", "questions.json"
LEVELS = ("eps", "alpha", "minimum", "position", "invalid")
"""What a run's verdicts rest on."""

SurveyArgument = Annotated[Path, typer.Argument(help="Folder of the survey, or its ledger.")]
EpsOption = Annotated[
    float | None, typer.Option("--eps", help="Largest tv that counts as fair; else the run's.")
]
AlphaOption = Annotated[
    float | None, typer.Option("--alpha", help="Largest error of a verdict; else the run's.")
]
QuestionFileOption = Annotated[
    list[Path] | None,
    typer.Option("--question", "-q", help="YAML file of a question of one's own. Repeatable."),
]
RunMaxTokensOption = Annotated[
    int | None, typer.Option("--max-tokens", min=1, help="Longest reply, if the run was given one.")
]
CovariatesOption = Annotated[
    Path | None, typer.Option("--covariates", help="CSV of traits of models, edited or not.")
]
ContrastOption = Annotated[
    list[str] | None,
    typer.Option("--contrast", help="Trait to compare models by, else the article's. Repeatable."),
]
TopOption = Annotated[
    int, typer.Option("--top", min=1, help="How many models 'among the first' means.")
]
ShowOption = Annotated[int, typer.Option("--show", min=1, help="Models shown from either end.")]
BayesOption = Annotated[
    bool, typer.Option("--bayes", help="Fit the location-scale regression too (numpyro).")
]
WholeOption = Annotated[
    bool, typer.Option("--whole", help="Use draws after a verdict, where there are any.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, max=MOST_SEED, help="Seed of what is drawn.")
]


@dataclass(frozen=True)
class Wanted:
    """What was asked of an analysis on the command line; None stands for "as the run had it"."""

    eps: float | None
    alpha: float | None
    questions: list[Path] | None
    max_tokens: int | None
    covariates: Path | None
    contrasts: list[str] | None
    top: int
    bayes: bool
    whole: bool
    seed: int


@contextmanager
def opened(survey: Path) -> Iterator[Store]:
    """The ledger of a survey, to be read. Raises RunError where there is none."""
    from evenodds.survey.store import Store

    store = Store(survey / STORE if survey.is_dir() else survey, read_only=True)
    try:
        yield store
    finally:
        store.close()


def analysed(store: Store, wanted: Wanted) -> tuple[Analysis, dict[str, SurveyQuestion]]:
    """The analysis of a ledger, and the questions that it was run with, by name."""
    from dataclasses import replace

    from evenodds.survey.analysis.analysis import analyse
    from evenodds.survey.analysis.store_tables import tables_of

    settings = settings_of(store.config(), wanted)
    questions = questions_of(store, wanted)
    tables = tables_of(store, questions, whole=wanted.whole)
    if not _as_run(store.config(), settings):
        tables = replace(tables, tables=tuple(replace(t, recorded={}) for t in tables.tables))
    if wanted.covariates is not None:
        tables = replace(tables, infos=_edited(tables.infos, wanted.covariates))
    return analyse(tables, questions, settings, bayes=wanted.bayes), questions


def settings_of(config: Mapping[str, Any], wanted: Wanted) -> Settings:
    """What the verdicts of the run rested on, with what is asked for now."""
    from evenodds.survey.analysis.analysis import Settings

    stands = config.get("stopping") or {}
    asked: dict[str, Any] = {name: stands[name] for name in LEVELS if name in stands}
    asked |= {"top": wanted.top, "seed": wanted.seed}
    now = {"eps": wanted.eps, "alpha": wanted.alpha}
    asked |= {name: value for name, value in now.items() if value is not None}
    if wanted.contrasts:
        asked["contrasts"] = tuple(wanted.contrasts)
    return Settings(**asked)


def _as_run(config: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the levels are those of the run, so that its verdicts stand."""
    stands = config.get("stopping") or {}
    return all(stands[name] == getattr(settings, name) for name in LEVELS if name in stands)


def questions_of(store: Store, wanted: Wanted) -> dict[str, SurveyQuestion]:
    """The questions of a ledger by name; RunError for one that is unknown or not as it was.

    They stand beside the ledger; without that file they are built in, or in files that are named.
    """
    from evenodds.survey.cells import load_question
    from evenodds.survey.question import QUESTIONS
    from evenodds.survey.question_file import load_questions

    config, beside = store.config(), store.path.parent / QUESTIONS_FILE
    own = {found.name: found for found in map(load_question, wanted.questions or [])}
    if not own and beside.exists():
        kept = load_questions(beside)
        if all(name in kept and kept[name].hash == h for name, h in config["questions"].items()):
            return {name: kept[name] for name in config["questions"]}
    known = {**QUESTIONS, **own}
    limits: Mapping[str, int] = config.get("max_tokens", {})
    return {
        name: _as_asked(name, known.get(name), wanted.max_tokens or limits.get(name), content)
        for name, content in config.get("questions", {}).items()
    }


def _as_asked(
    name: str, found: SurveyQuestion | None, longest: int | None, content: str
) -> SurveyQuestion:
    from dataclasses import replace

    from evenodds.errors import RunError

    if found is None:
        raise RunError(
            f"The survey asked {name!r}, a question of its own: give its file with --question."
        )
    if longest is not None:
        found = replace(found, max_tokens=longest)
    if content not in (found.hash, name):
        raise RunError(
            f"The question {name!r} is not as it was when the survey was run: give the file of "
            "that time with --question, and --max-tokens if the run had it."
        )
    return found


def _edited(infos: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """What is known of the models, with the traits of a file."""
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.covariates import with_covariates

    found = with_covariates(Catalogue(tuple(infos.values()), source="ledger"), path)
    return {model.id: model for model in found.models}
