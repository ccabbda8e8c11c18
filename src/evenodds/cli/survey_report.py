"""`evenodds survey report DIR`: the terminal table, one page, and the models as a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.options import MOST_SEED
from evenodds.cli.survey_analyse import STORE, analysed, questions_recorded
from evenodds.cli.survey_options import MaxTokensOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenodds.survey.analysis.analysis import Settings
    from evenodds.survey.catalogue import Catalogue

PAGE, TABLE, RECORD, CATALOGUE = "report.html", "models.csv", "report.json", "catalogue.json"


def report(
    survey: Annotated[Path, typer.Argument(help="Folder of the survey.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; the survey's by default.")
    ] = None,
    eps: Annotated[
        float | None, typer.Option(help="Largest tv that counts as fair; the run's by default.")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option(help="Largest error of a verdict; the run's by default.")
    ] = None,
    question: Annotated[
        list[Path] | None, typer.Option(help="YAML file of a question of one's own; repeatable.")
    ] = None,
    max_tokens: MaxTokensOption = None,
    covariates: Annotated[
        Path | None, typer.Option(help="CSV of traits of models, edited by hand or not.")
    ] = None,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Write models.parquet too (extra corpus).")
    ] = False,
    bayes: Annotated[
        bool, typer.Option("--bayes", help="Fit the location-scale regression too (numpyro).")
    ] = False,
    show: Annotated[int, typer.Option(min=1, help="Models shown from either end.")] = 10,
    show_all: Annotated[bool, typer.Option("--all", help="Show every model.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of what is drawn.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report a survey: say what it means, and write one page, a CSV and the record behind them."""
    import json

    from evenodds.ledger.files import write_atomically
    from evenodds.report.survey_export import write_export
    from evenodds.report.survey_page import write_page
    from evenodds.report.survey_terminal import report_lines
    from evenodds.survey.gathered import gathered
    from evenodds.survey.store import Store

    store = Store(survey / STORE if survey.is_dir() else survey, read_only=True)
    try:
        config, files = store.config(), question or []
        settings = _settings(config, eps, alpha, seed)
        asked = questions_recorded(config.get("questions", {}), files, max_tokens)
        found = analysed(store, settings, asked, covariates, bayes=bayes)
        told = gathered(store, asked, _catalogue(store.path.parent))
    finally:
        store.close()
    folder = out or store.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    record = {"analysis": found.to_json(), "gathered": told.to_json()}
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / RECORD, text.encode("utf-8", "backslashreplace"))
    write_page(found, told, str(survey), folder / PAGE)
    tables = [folder / TABLE, *([folder / "models.parquet"] if parquet else [])]
    for table in tables:
        write_export(found, table)
    if as_json:
        print(text)
        return
    print("\n".join(report_lines(found, told, None if show_all else show)))
    print(f"\nWritten: {', '.join(map(str, [folder / PAGE, *tables, folder / RECORD]))}")


def _settings(
    config: "Mapping[str, Any]", eps: float | None, alpha: float | None, seed: int
) -> "Settings":
    """What the verdicts of the run rested on, with what was asked for now."""
    from evenodds.survey.analysis.analysis import Settings

    stands = {**config, **(config.get("stopping") or {})}
    names = ("eps", "alpha", "minimum", "position", "invalid")
    shape = {name: stands[name] for name in names if name in stands}
    asked = {"eps": eps, "alpha": alpha}
    shape |= {name: value for name, value in asked.items() if value is not None}
    return Settings(**shape, seed=seed)


def _catalogue(folder: Path) -> "Catalogue | None":
    """The catalogue that the run was planned with, where it lies beside the ledger."""
    from evenodds.survey.catalogue import Catalogue

    path = folder / CATALOGUE
    return Catalogue.load(path) if path.exists() else None
