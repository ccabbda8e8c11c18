"""`evenodds survey report DIR`: the terminal table, one page, and the models as a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenodds.cli.survey_analysis_options import (
    AlphaOption,
    BayesOption,
    ContrastOption,
    CovariatesOption,
    EpsOption,
    QuestionFileOption,
    RunMaxTokensOption,
    SeedOption,
    ShowOption,
    SurveyArgument,
    TopOption,
    Wanted,
    WholeOption,
    analysed,
    opened,
)

if TYPE_CHECKING:
    from evenodds.survey.catalogue import Catalogue

PAGE, TABLE, PARQUET = "report.html", "models.csv", "models.parquet"
RECORD, CATALOGUE = "report.json", "catalogue.json"


def report(
    survey: SurveyArgument,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; the survey's by default.")
    ] = None,
    eps: EpsOption = None,
    alpha: AlphaOption = None,
    question: QuestionFileOption = None,
    max_tokens: RunMaxTokensOption = None,
    covariates: CovariatesOption = None,
    contrast: ContrastOption = None,
    top: TopOption = 20,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Write models.parquet too (extra survey).")
    ] = False,
    bayes: BayesOption = False,
    whole: WholeOption = False,
    show: ShowOption = 10,
    show_all: Annotated[bool, typer.Option("--all", help="Show every model.")] = False,
    seed: SeedOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report a survey: say what it means, and write one page, a CSV and the record behind them."""
    import json

    from evenodds.ledger.files import write_atomically
    from evenodds.report.survey_export import write_export
    from evenodds.report.survey_page import write_page
    from evenodds.report.survey_terminal import report_lines
    from evenodds.survey.gathered import gathered

    wanted = Wanted(eps, alpha, question, max_tokens, covariates, contrast, top, bayes, whole, seed)
    with opened(survey) as store:
        found, asked = analysed(store, wanted)
        told = gathered(store, asked, _catalogue(store.path.parent))
        folder = out or store.path.parent
    record = {"analysis": found.to_json(), "gathered": told.to_json()}
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(folder / RECORD, text.encode("utf-8", "backslashreplace"))
    write_page(found, told, str(survey), folder / PAGE)
    tables = [folder / TABLE, *([folder / PARQUET] if parquet else [])]
    for table in tables:
        write_export(found, table)
    if as_json:
        print(text)
        return
    print("\n".join(report_lines(found, told, None if show_all else show)))
    print(f"\nWritten: {', '.join(map(str, [folder / PAGE, *tables, folder / RECORD]))}")


def _catalogue(folder: Path) -> "Catalogue | None":
    """The catalogue that the run was planned with, where it lies beside the ledger."""
    from evenodds.survey.catalogue import Catalogue

    path = folder / CATALOGUE
    return Catalogue.load(path) if path.exists() else None
