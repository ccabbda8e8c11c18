"""`evenodds odds EXPRESSION`: a law as a table, or as JSON."""

import sys
from typing import Annotated

import typer

from evenodds.cli.options import MOST_SEED

FAMILIES_LINE = (
    "Families: benford, beta, binomial, card, choose, coin, dice, discrete_triangular, "
    "exponential, fixed, gamma, geometric, hand, hypergeometric, lognormal, lottery, markov, "
    "maximum, minimum, mixture, negative_binomial, normal, occupancy, password, poisson, "
    "real_uniform, scipy, sequence, shuffle, subset, template, triangular, uniform, uuid4, "
    "weibull, weighted, where, zipf. One with a wrong argument says which it takes: "
    "evenodds odds 'normal(x=1)'."
)
"""What `evenodds odds --help` ends with: written out, for reading the register costs time."""


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
