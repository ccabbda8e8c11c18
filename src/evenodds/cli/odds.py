"""`evenodds odds EXPRESSION`: a law as a table, or as JSON."""

import sys
from typing import Annotated

import typer

from evenodds.cli.options import MOST_SEED


def odds(
    expression: Annotated[
        str, typer.Argument(help="A law, such as 'dice(\"4d6kh3\")' or 'uniform(1, 6)'.")
    ],
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Most outcomes to list [40 in the table, 100000 in JSON]."),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Seed of the draws that show a large law.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the exact odds of a law: table, bars, mean, variance and entropy."""
    import json

    from evenodds.distributions import parse
    from evenodds.report.bar import has_blocks
    from evenodds.report.odds import odds_json, odds_lines

    law = parse(expression)
    sys.set_int_max_str_digits(0)  # the sizes of large laws are exact, and bounded by their work
    if as_json:
        print(json.dumps(odds_json(law.law, limit), indent=2, ensure_ascii=False, allow_nan=False))
        return
    print("\n".join(odds_lines(law, limit, seed, has_blocks(sys.stdout))))
