"""The picture of a running training: quiet where there is no terminal, live where there is one."""

import io
import re
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from evenodds.report.bar import WIDTH
from evenodds.report.live import Training
from evenodds.report.terminal import console
from evenodds.report.text import columns

FAIR = {str(face): 1 / 6 for face in range(1, 7)}


@dataclass
class Moment:
    """An event as the picture reads it."""

    kind: str
    step: int
    seconds: float
    values: dict[str, float | str | None] = field(default_factory=dict)


def falling(step: int) -> list[Moment]:
    """What a run tells at one step: its means, and a probe."""
    share = 1 / (1 + step)
    pmf = {f"p:{face}": (1 - share) / 6 + share * (face == "4") for face in FAIR}
    probe = {"tv": share, "tv_unseen": share, "entropy": 1.7 - share, "entropy_share": 0.9}
    probe |= {"valid": 0.99, "twins": 0.8, "control": 0.95 - share / 9, "kl": 3.2, **pmf}
    return [
        Moment("step", step, step / 2, {"loss": 1.8 + share, "entropy": 1.792, "idle": 0.25}),
        Moment("probe", step, step / 2, dict(probe)),
    ]


def test_without_a_terminal_a_few_plain_lines_are_told() -> None:
    out = io.StringIO()
    with Training(console(out), FAIR, 10) as picture:
        for step in range(40):
            for event in falling(step):
                picture.see(event)
        picture.see(Moment("done", 40, 20.0, {"reason": "steps", "loss": None}))
    lines = out.getvalue().splitlines()
    assert 4 <= len(lines) <= 30
    assert all(columns(line) <= WIDTH and "\x1b" not in line for line in lines)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_on_a_terminal_the_picture_fits_and_flattens(encoding: str) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    out = Console(
        file=file, force_terminal=True, width=WIDTH, height=30, _environ={"TERM": "xterm"}
    )
    with Training(out, FAIR, 10) as picture:
        shown = []
        for step in range(20):
            for event in falling(step):
                picture.see(event)
            shown.append([line.plain for line in picture.picture()])
    assert all(columns(line) <= WIDTH for lines in shown for line in lines)
    full, mark = max(len(line) for line in shown[0]), "█" if encoding == "utf-8" else "#"
    assert full <= WIDTH
    four = [next(line for line in lines if line.startswith("  4")).count(mark) for lines in shown]
    assert four == sorted(four, reverse=True)
    assert four[0] > 2 * four[-1]


def test_values_that_are_no_numbers_are_passed_over() -> None:
    out = io.StringIO()
    with Training(console(out)) as picture:
        picture.see(Moment("done", 1, 1.0, {"loss": None, "reason": "margin"}))
    assert out.getvalue() == "  step    1     1.0 s\n"


def test_every_number_that_matters_is_told() -> None:
    out = io.StringIO()
    with Training(console(out)) as picture:
        for event in falling(3):
            picture.see(event)
    told = " ".join(out.getvalue().split())
    for words in (
        *("step 3", "loss 2.050 (floor 1.792)", "no gradient 25.0%", "tv .25", "never seen .25"),
        *("entropy 1.45 (90.0%)", "valid 99.0%", "twins 80.0%", "kl 3.20"),
        "instructions 92.2% (from 92.2%)",
    ):
        assert words in told


def test_a_loss_without_a_floor_has_none_shown() -> None:
    """The loss of a policy gradient has no least value, and a run may have no replay."""
    out = io.StringIO()
    values = {"loss": -0.01, "entropy": 0.0, "reward": 0.5}
    with Training(console(out)) as picture:
        picture.see(Moment("step", 1, 1.0, dict(values)))
        picture.see(Moment("probe", 1, 5.0, {"tv": 0.5}))
    assert out.getvalue() == "  step    1     5.0 s   loss -0.010   reward 0.50   tv .500\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_said_in_words_is_said_once_and_whole(terminal: bool) -> None:
    file = io.StringIO()
    live = Console(file=file, force_terminal=True, width=WIDTH, _environ={"TERM": "xterm"})
    long = "ordinary instructions fell from 0.94 to 0.62, by more than 0.05: " + "do less " * 12
    with Training(live if terminal else console(file)) as picture:
        picture.see(Moment("preflight", 0, 0.1, {"says": "every answer is rewarded alike"}))
        for step in range(3):
            for event in falling(step):
                picture.see(event)
        picture.see(Moment("warning", 2, 1.0, {"says": long, "control": 0.62}))
        picture.see(Moment("stop", 2, 1.0, {"says": long, "reason": "drift"}))
    told = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", file.getvalue()).split())
    assert told.count("before: every answer is rewarded alike") == 1
    assert told.count(long.strip()) == 1
    if not terminal:
        assert all(columns(line) <= WIDTH for line in file.getvalue().splitlines())
