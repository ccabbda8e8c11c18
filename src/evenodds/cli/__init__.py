"""The `evenodds` command: parse, build one frozen configuration, call one function, print.

One file a command; heavy imports live inside the functions, so that `--help` stays fast.
"""

import errno
import io
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from evenodds import __version__
from evenodds.cli import (
    audit,
    check,
    curve,
    demo,
    effects,
    gap,
    lists,
    measure,
    odds,
    plan,
    suites,
    survey,
    tasks,
    temperature,
    train,
    verify,
)
from evenodds.errors import EvenoddsError
from evenodds.train.world import World

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130

# What typer raises for a misused option. Its name moved between versions; its place has not.
_Misuse: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="evenodds",
    help="Measure how language models roll dice, and teach them to roll fair ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("odds", epilog=odds.FAMILIES_LINE)(odds.odds)
app.command("plan")(plan.plan)
app.command("measure")(measure.measure)
app.command("gap")(gap.gap)
app.command("temperature")(temperature.temperature)
app.command("effects")(effects.effects)
app.command("curve")(curve.curve)
app.command("train")(train.train)
app.command("check")(check.check)
app.command("audit")(audit.audit)
app.command("lists")(lists.lists)
app.command("verify")(verify.verify)
app.add_typer(suites.app, name="suites")
app.add_typer(tasks.app, name="tasks")
app.add_typer(survey.app, name="survey")


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"evenodds {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Measure how language models roll dice, and teach them to roll fair ones."""


def main() -> None:
    """Run the command line: exit 0 done, 2 input that a person can mend, 130 interrupted."""
    _write_anything()
    sys.exit(guarded(_invoke))


def _write_anything() -> None:
    """Let a character that the terminal's encoding lacks become "?" instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def guarded(run: Callable[[], int]) -> int:
    """Return the exit code of `run`; what went wrong becomes one message on standard error.

    A reader that closed the pipe is no error: the rest is dropped in silence.
    """
    try:
        code = run()
        sys.stdout.flush()
        return code
    except EvenoddsError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted; what was finished is kept", INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        return DONE
    except OSError as error:
        _drop_output()
        return _fail(_reason(error))
    except Exception as error:
        if not is_full_disk(error):
            raise
        return _fail("No space left on device: make room and run it again")


# What torch and safetensors say when a write fails, instead of raising an OSError.
_FAILED_WRITES = ("No space left on device", "PytorchStreamWriter", "inline_container.cc")


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether a full disk, or a write that torch could not finish, is behind an error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(error) for words in _FAILED_WRITES):
            return True
        error = error.__cause__ or error.__context__
    return False


def _invoke() -> int:
    command = typer.main.get_command(app)
    try:
        with command.make_context("evenodds", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except _Misuse as error:
        return _show(error)
    return DONE


def _show(misuse: Any) -> int:
    if World.here().speaks():
        misuse.show()
    return BAD_INPUT


def _fail(message: str, code: int = BAD_INPUT) -> int:
    """Say what went wrong; of several processes of one run, the first that fails says it."""
    if not World.here().speaks():
        return code
    try:
        print(f"evenodds: {message}", file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    return code


def _reason(error: OSError) -> str:
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{where}"


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that the end of the process does not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
