"""The `evenodds` command: parse, build one frozen configuration, call one function, print.

One file a command; heavy imports live inside the functions, so that `--help` stays fast.
"""

import os
import sys

import typer

from evenodds.cli import odds
from evenodds.errors import EvenoddsError

app = typer.Typer(
    name="evenodds",
    help="Measure how language models roll dice, and teach them to roll fair ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("odds")(odds.odds)


def main() -> None:
    """Run the command line: exit 0 done, 2 input that a person can mend, 130 interrupted."""
    try:
        app(standalone_mode=True)
    except EvenoddsError as error:
        print(f"evenodds: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("evenodds: interrupted; what was finished is kept", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        print(f"evenodds: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        sys.exit(2)
