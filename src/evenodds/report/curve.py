"""The learning curve: distance from fair and loss against seconds of training."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evenodds.report import svg
from evenodds.report.story import Story
from evenodds.report.text import distance

_LEFT, _RIGHT, _TOP, _HEIGHT = 36, 52, 26, 130
_GAP = 52


@dataclass(frozen=True)
class _Frame:
    """Where data lies on paper: seconds to x, values to y, and the words for the panel."""

    name: str
    top: float
    width: float
    seconds: float
    low: float
    high: float

    def at(self, seconds: float, value: float) -> tuple[float, float]:
        wide = self.width - _LEFT - _RIGHT
        x = _LEFT + wide * seconds / max(self.seconds, 1e-9)
        share = (value - self.low) / max(self.high - self.low, 1e-9)
        return x, self.top + _HEIGHT * (1 - min(max(share, 0.0), 1.0))


def learning_curve(story: Story, width: int) -> Markup | None:
    """Return tv above and loss below, against seconds; None for a run that recorded neither."""
    tv = [(moment.seconds, moment.tv) for moment in story.curve if moment.tv is not None]
    loss = [(moment.seconds, moment.loss) for moment in story.curve if moment.loss is not None]
    series = [(name, points) for name, points in (("tv", tv), ("loss", loss)) if len(points) > 1]
    if not series:
        return None
    panels = [_panel(story, name, points, n, width) for n, (name, points) in enumerate(series)]
    height = _TOP + len(panels) * (_HEIGHT + _GAP) - 10
    words = " ".join(_words(name, points) for name, points in series)
    return svg.figure(width, height, words, *panels, class_="curve")


def _words(name: str, points: list[tuple[float, float]]) -> str:
    told = {"tv": "Distance from fair (tv)", "loss": "Loss in nats"}[name]
    (_, first), (end, last) = points[0], points[-1]
    return f"{told} went from {first:.3f} to {last:.3f} in {end:.1f} seconds."


def _panel(
    story: Story, name: str, points: list[tuple[float, float]], n: int, width: float
) -> Markup:
    values = [value for _, value in points]
    end = max(moment.seconds for moment in story.curve)
    floor = story.floor if name == "loss" else None
    low = 0.0 if name == "tv" else _below(values, floor)
    frame = _Frame(name, _TOP + n * (_HEIGHT + _GAP), width, end, low, max(values))
    return svg.group(
        _axes(frame),
        _floor(frame, floor),
        svg.polyline([frame.at(*point) for point in _thinned(points)], class_=f"line {name}"),
        _ends(frame, points),
    )


def _below(values: list[float], floor: float | None) -> float:
    """Return the foot of the loss panel: under the floor there is room for words."""
    return min(values) if floor is None else floor - 0.18 * max(max(values) - floor, 1e-9)


def _thinned(points: list[tuple[float, float]], limit: int = 400) -> list[tuple[float, float]]:
    every = -(-len(points) // limit)
    return [*points[::every], points[-1]]


def _axes(frame: _Frame) -> Markup:
    words = {"tv": "distance from fair, tv", "loss": "loss, nats"}[frame.name]
    left, bottom = frame.at(0, frame.low)
    right, top = frame.at(frame.seconds, frame.high)
    marks = _marks(frame.seconds, 6 if frame.width > 500 else 4)
    ticks = [_tick(frame, seconds, last=seconds == marks[-1]) for seconds in marks]
    return svg.group(
        svg.label(0, top - 12, words, class_="note strong"),
        svg.line(left, bottom, right, bottom, class_="axis"),
        *(_level(frame, value, left, right) for value in _levels(frame)),
        *ticks,
    )


def _level(frame: _Frame, value: float, left: float, right: float) -> Markup:
    _, y = frame.at(0, value)
    words = "0" if value == 0 else f"{value:.2f}".removeprefix("0")
    return svg.group(
        svg.line(left, y, right, y, class_="grid"),
        svg.label(left - 6, y + 4, words, class_="tick", text_anchor="end"),
    )


def _tick(frame: _Frame, seconds: float, last: bool) -> Markup:
    x, y = frame.at(seconds, frame.low)
    return svg.label(
        x, y + 17, f"{seconds:g}{' s' if last else ''}", class_="tick", text_anchor="middle"
    )


def _marks(seconds: float, most: int) -> list[float]:
    """Return round times from 0 to the end, at most `most` steps apart evenly."""
    step = next(
        (
            size * 10**power
            for power in range(-2, 6)
            for size in (1, 2, 5)
            if size * 10**power * most >= seconds
        ),
        seconds,
    )
    return [round(step * n, 6) for n in range(int(seconds / step + 1e-9) + 1)]


def _floor(frame: _Frame, floor: float | None) -> Markup | str:
    if floor is None:
        return ""
    left, y = frame.at(0, floor)
    right, _ = frame.at(frame.seconds, floor)
    words = f"lowest possible: the targets' own entropy, {floor:.3f}"
    return svg.group(
        svg.line(left, y, right, y, class_="fair"),
        svg.label(right, y + 15, words, class_="note fair-words", text_anchor="end"),
    )


def _ends(frame: _Frame, points: Sequence[tuple[float, float]]) -> Markup:
    x, y = frame.at(*points[-1])
    value = points[-1][1]
    words = distance(value) if frame.name == "tv" else f"{value:.3f}"
    return svg.group(
        svg.circle(x, y, 3.2, class_=f"dot {frame.name}"),
        svg.label(x + 8, y + 4, words, class_="value"),
    )


def _levels(frame: _Frame) -> list[float]:
    return [frame.high, frame.low] if frame.low == 0 else [frame.high]
