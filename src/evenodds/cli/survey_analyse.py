"""`evenodds survey analyse`: what the draws of a survey support."""

from typing import Annotated

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


def analyse(
    survey: SurveyArgument,
    *,
    eps: EpsOption = None,
    alpha: AlphaOption = None,
    question: QuestionFileOption = None,
    max_tokens: RunMaxTokensOption = None,
    covariates: CovariatesOption = None,
    contrast: ContrastOption = None,
    top: TopOption = 20,
    show: ShowOption = 10,
    bayes: BayesOption = False,
    whole: WholeOption = False,
    seed: SeedOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Analyse a survey: verdicts, estimates and ranks with what is known of them, traits, costs."""
    import json

    from evenodds.report.survey_lines import analysis_lines

    wanted = Wanted(eps, alpha, question, max_tokens, covariates, contrast, top, bayes, whole, seed)
    with opened(survey) as store:
        found, _ = analysed(store, wanted)
    if as_json:
        print(json.dumps(found.to_json(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    print("\n".join(analysis_lines(found, show)))
