"""The picture of a running training: quiet where there is no terminal, live where there is one."""

import io
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


def falling(step: int) -> Moment:
    share = 1 / (1 + step)
    pmf = {f"p:{face}": (1 - share) / 6 + share * (face == "4") for face in FAIR}
    values = {"loss": 1.8 + share, "entropy": 1.792, "tv": share, "tv_unseen": share, **pmf}
    return Moment("probe", step, step / 2, values)


def test_without_a_terminal_a_few_plain_lines_are_told() -> None:
    out = io.StringIO()
    with Training(console(out), FAIR, 10) as picture:
        for step in range(40):
            picture.see(falling(step))
        picture.see(Moment("done", 40, 20.0, {"reason": "steps", "loss": None}))
    lines = out.getvalue().splitlines()
    assert 2 <= len(lines) <= 10
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
            picture.see(falling(step))
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
