"""The learning curve: distance from fair and loss against seconds of training."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evenodds.report import svg
from evenodds.report.story import Story
from evenodds.report.text import distance

_LEFT, _RIGHT, _TOP, _HEIGHT = 36, 104, 26, 130
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


Points = list[tuple[float, float]]
_PANELS = {"tv": ("tv", "unseen"), "loss": ("loss",)}


def learning_curve(story: Story, width: int) -> Markup | None:
    """Return tv above and loss below, against seconds; None for a run that recorded neither."""
    found = {name: _series(story, names) for name, names in _PANELS.items()}
    panels = [(name, series) for name, series in found.items() if series]
    if not panels:
        return None
    drawn = [_panel(story, name, series, n, width) for n, (name, series) in enumerate(panels)]
    height = _TOP + len(panels) * (_HEIGHT + _GAP) - 10
    words = " ".join(_words(name, line) for _, series in panels for name, line in series.items())
    return svg.figure(width, height, words, *drawn, class_="curve")


def _series(story: Story, names: Sequence[str]) -> dict[str, Points]:
    every = {name: _points(story, name) for name in names}
    return {name: points for name, points in every.items() if len(points) > 1}


def _points(story: Story, name: str) -> Points:
    values = [(moment.seconds, getattr(moment, name)) for moment in story.curve]
    return [(seconds, value) for seconds, value in values if value is not None]


def _words(name: str, points: Points) -> str:
    told = {
        "tv": "Distance from fair (tv) on trained phrasings",
        "unseen": "Distance from fair (tv) on never-seen phrasings",
        "loss": "Loss in nats",
    }[name]
    (_, first), (end, last) = points[0], points[-1]
    return f"{told} went from {first:.3f} to {last:.3f} in {end:.1f} seconds."


def _panel(story: Story, name: str, series: dict[str, Points], n: int, width: float) -> Markup:
    values = [value for points in series.values() for _, value in points]
    end = max(moment.seconds for moment in story.curve)
    floor = story.floor if name == "loss" else None
    low = 0.0 if name == "tv" else _below(values, floor)
    frame = _Frame(name, _TOP + n * (_HEIGHT + _GAP), width, end, low, max(values))
    return svg.group(
        _axes(frame),
        _floor(frame, floor),
        *(_line(frame, kind, points) for kind, points in series.items()),
        *_ends(frame, series),
    )


def _line(frame: _Frame, kind: str, points: Points) -> Markup:
    placed = [frame.at(*point) for point in _thinned(points)]
    return svg.polyline(placed, class_=f"line {kind}")


def _below(values: list[float], floor: float | None) -> float:
    """Return the foot of the loss panel: under the floor there is room for words."""
    return min(values) if floor is None else floor - 0.18 * max(max(values) - floor, 1e-9)


def _thinned(points: Points, limit: int = 400) -> Points:
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
    why = "" if frame.width < 500 else ": the targets' own entropy"
    words = f"lowest possible{why}, {floor:.3f}"
    return svg.group(
        svg.line(left, y, right, y, class_="fair"),
        svg.label(left + 0.35 * (right - left), y + 15, words, class_="note fair-words"),
    )


def _ends(frame: _Frame, series: dict[str, Points]) -> list[Markup]:
    """Return the last values in words, moved apart where two would overlap."""
    lowest, drawn = 1e9, []
    for kind, points in sorted(series.items(), key=lambda item: item[1][-1][1]):
        x, y = frame.at(*points[-1])
        lowest = min(y + 4, lowest - 15)
        drawn.append(_end(frame, kind, points[-1][1], (x, y, lowest)))
    return drawn


def _end(frame: _Frame, kind: str, value: float, place: tuple[float, float, float]) -> Markup:
    x, y, words_y = place
    number = distance(value) if frame.name == "tv" else f"{value:.3f}"
    words = {"tv": " trained", "unseen": " never seen"}.get(kind, "")
    return svg.group(
        svg.circle(x, y, 3.2, class_=f"dot {kind}"),
        svg.label(x + 8, words_y, number + words, class_=f"value {kind}"),
    )


def _levels(frame: _Frame) -> list[float]:
    return [frame.high, frame.low] if frame.low == 0 else [frame.high]
