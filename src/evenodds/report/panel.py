"""A panel of a chart: two axes with their ticks, on scales that turn numbers into places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup

from evenodds.report import svg


@dataclass(frozen=True)
class Scale:
    """Puts `first` at place `start` and `last` at `end`; everything else between or beside them.

    Logarithmic where `log` is set; `first` may be the greater one, for an axis that falls.

    >>> Scale(1, 0.001, 0, 300, log=True)(0.1), Scale(0, 1, 200, 0)(0.25)
    (100.0, 150.0)
    """

    first: float
    last: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value."""
        at, first, last = (self._even(number) for number in (value, self.first, self.last))
        return round(self.start + (at - first) / (last - first) * (self.end - self.start), 9)

    def _even(self, value: float) -> float:
        return log10(value) if self.log else value


@dataclass(frozen=True)
class Axis:
    """A scale with its name and its ticks: (value, words)."""

    scale: Scale
    name: str
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Panel:
    """Two axes under one title; `x.scale` and `y.scale` span the area that is drawn in."""

    title: str
    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies."""
        return self.x.scale(x), self.y.scale(y)

    def drawn(self) -> Markup:
        """Grid, ticks, names and title."""
        x, y = self.x.scale, self.y.scale
        return svg.group(
            svg.label(x.start, y.end - 14, self.title, class_="title"),
            *(self._across(value, words) for value, words in self.y.ticks),
            *(self._along(value, words) for value, words in self.x.ticks),
            svg.line(x.start, y.start, x.end, y.start, class_="axis"),
            svg.label((x.start + x.end) / 2, y.start + 38, self.x.name, text_anchor="middle"),
            self._upright(),
        )

    def _across(self, value: float, words: str) -> Markup:
        x, place = self.x.scale, self.y.scale(value)
        return svg.group(
            svg.line(x.start, place, x.end, place, class_="grid"),
            svg.label(x.start - 7, place + 4, words, class_="tick", text_anchor="end"),
        )

    def _along(self, value: float, words: str) -> Markup:
        place, base = self.x.scale(value), self.y.scale.start
        return svg.group(
            svg.line(place, base, place, base + 4, class_="axis"),
            svg.label(place, base + 18, words, class_="tick", text_anchor="middle"),
        )

    def _upright(self) -> Markup:
        if not self.y.name:
            return Markup("")
        x, y = self.x.scale.start - 44, (self.y.scale.start + self.y.scale.end) / 2
        turned = f"rotate(-90 {x:g} {y:g})"
        return svg.label(x, y, self.y.name, text_anchor="middle", transform=turned)
