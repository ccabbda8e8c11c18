"""`evenodds survey demo`: what the published table of 40 models supports."""

from pathlib import Path
from typing import Annotated

import typer

from evenodds.cli.options import MOST_SEED


def demo(
    *,
    eps: Annotated[float, typer.Option(help="Largest bias that counts as fair.")] = 0.05,
    alpha: Annotated[float, typer.Option(help="Largest error of a verdict.")] = 0.05,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of what is drawn.")] = 0,
    html: Annotated[Path | None, typer.Option(help="Write the page of it there too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Analyse the coin article's tables of 40 models: what do they support, and what not?"""
    import json

    from evenodds.report.survey_demo import demo_lines
    from evenodds.report.survey_demo_page import write_demo
    from evenodds.survey.analysis.analysis import Settings
    from evenodds.survey.analysis.published_analysis import demo as analysed

    found = analysed(Settings(eps=eps, alpha=alpha, seed=seed))
    if html is not None:
        write_demo(found, html)
    if as_json:
        print(json.dumps(found.to_json(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    print("\n".join(demo_lines(found)))
    if html is not None:
        print(f"\nWritten: {html}")
