"""Histograms and tables for a terminal: 80 columns, readable without colour and without Unicode.

Colour only repeats what the words say. It is left out where the output is no terminal, where
NO_COLOR is set or TERM is "dumb"; blocks become "#" where the encoding has none.
"""

import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

from evenodds.report.bar import WIDTH, drawn_bar
from evenodds.report.shape import Bar, bars
from evenodds.report.story import Kept, Pair, Story, headline, overall, rows, split_name
from evenodds.report.text import columns, distance, fitted, percent, printable

_STYLES = {"fair": "", "before": "red", "after": "blue"}


def console(file: TextIO | None = None) -> Console:
    """Return a console of at most 80 columns on `file` (default: standard output)."""
    out = file or sys.stdout
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or not out.isatty()
    found = Console(file=out, highlight=False, markup=False, emoji=False, no_color=plain)
    found.width = min(WIDTH, found.width) if out.isatty() else WIDTH
    return found


def side_by_side(
    pmfs: Mapping[str, Mapping[str, float]],
    limit: int = 12,
    blocks: bool = True,
    top: float = 0.0,
) -> list[Text]:
    """Return a histogram of each named pmf, one beside the other, outcomes down the side.

    The first pmf decides which outcomes come first. A full bar is the highest probability shown,
    or `top` where that is higher. Lines are at most 80 columns wide.
    """
    shown = bars(list(pmfs.values()), limit)
    names = min(14, max(columns(printable(bar.label, 14)) for bar in shown))
    room = (WIDTH - 4 - names) // len(pmfs) - 2
    full = max(top, 1e-9, *(height for bar in shown for height in bar.heights))
    titles = Text(" " * (names + 2) + "".join("  " + fitted(name, room) for name in pmfs), "bold")
    return [titles, *(_line(bar, names, list(pmfs), _Scale(full, room, blocks)) for bar in shown)]


@dataclass(frozen=True)
class _Scale:
    full: float
    room: int
    blocks: bool


def _line(bar: Bar, names: int, titles: Sequence[str], scale: _Scale) -> Text:
    line = Text("  " + fitted(bar.label, names))
    for title, height in zip(titles, bar.heights, strict=True):
        drawn = drawn_bar(height / scale.full, scale.room - 7, scale.blocks)
        cell = f"{drawn} {percent(height)}"
        line.append("  " + drawn, style=_style(title))
        line.append(cell[len(drawn) :] + " " * (scale.room - len(cell)))
    return line


def _style(title: str) -> str:
    return next((style for name, style in _STYLES.items() if title.startswith(name)), "")


def compared(
    pair: Pair, blocks: bool = True, sides: Sequence[str] = ("before", "after")
) -> list[Text]:
    """Return the target beside the model pmf before and after; a line of numbers if not listed."""
    found = {side: getattr(pair, side) for side in sides}
    if pair.target is None or any(side.pmf is None for side in found.values()):
        words = ", ".join(f"{name} tv {distance(side.tv)}" for name, side in found.items())
        return [Text(f"  {words} (too many outcomes to list)")]
    pmfs = {"fair": pair.target, **{name: side.pmf for name, side in found.items()}}
    return side_by_side(pmfs, blocks=blocks)


def summary(story: Story) -> list[Text]:
    """Return the final table: each split, then ordinary instructions, before and after."""
    lines = [Text(_cells("", "n", "tv before", "tv after", "worst", "valid"), style="bold")]
    for row in rows(story.pairs):
        numbers = [distance(value) for value in (row.tv_before, row.tv_after, row.worst_after)]
        lines.append(
            Text(_cells(split_name(row.split), str(row.n), *numbers, percent(row.valid_after)))
        )
    return lines + _instructions(story.kept)


def _cells(name: str, *cells: str) -> str:
    return ("  " + fitted(name, 23) + "".join(f"{cell:>10}" for cell in cells)).rstrip()


def _instructions(kept: Sequence[Kept]) -> list[Text]:
    total = overall(kept)
    if total is None:
        return []
    titles = Text(_cells("", "n", "before", "after"), style="bold")
    numbers = (str(total.n), percent(total.before), percent(total.after))
    return [Text(""), titles, Text(_cells("ordinary instructions", *numbers))]


def heading(title: str, words: str) -> Text:
    """Return the first line of a part: what it is, and what it took."""
    return Text.assemble((title, "bold"), "   ", (words, "dim"))


def print_lines(out: Console, lines: Sequence[Text | str]) -> None:
    """Print lines as they are: no markup, no wrapping, no trailing blanks."""
    for line in lines:
        shown = line if isinstance(line, Text) else Text(line)
        shown.rstrip()
        out.print(shown, soft_wrap=True)


def print_ending(out: Console, story: Story) -> None:
    """Print the headline and the final table."""
    said = [Text(line, style="bold") for line in textwrap.wrap(headline(story), WIDTH - 2)]
    print_lines(out, ["", *said, "", *summary(story), ""])
