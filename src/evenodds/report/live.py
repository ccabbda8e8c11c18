"""A training run as it happens: a live picture on a terminal, a few plain lines anywhere else."""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from evenodds.report.bar import has_blocks
from evenodds.report.terminal import print_lines, side_by_side
from evenodds.report.text import distance

_LEVELS = "▁▂▃▄▅▆▇█"
_TRAIL = 56
_PAUSE = 3.0
_TV = {"tv": "tv", "tv_unseen": "never seen"}


class Moment(Protocol):
    """What the picture reads of an event: what it is, where the run stands, the numbers."""

    @property
    def kind(self) -> str:
        """What happened: "start", "step", "probe", "stop", "done" or another word."""

    @property
    def step(self) -> int:
        """Optimizer steps done."""

    @property
    def seconds(self) -> float:
        """CPU seconds spent."""

    @property
    def values(self) -> Mapping[str, float | str | None]:
        """Numbers: "loss" and its floor "entropy" (nats), "tv", "p:OUTCOME" of the first task."""


class Training:
    """A context in which `see` shows each event of a run.

    `target` is the law of the task whose pmf the events carry under "p:OUTCOME"; `steps` is the
    length of the run, for the bar of progress.
    """

    def __init__(
        self, out: Console, target: Mapping[str, float] | None = None, steps: int | None = None
    ) -> None:
        self.out = out
        self.target = target
        self.steps = steps
        self.blocks = has_blocks(out.file)
        self.latest: dict[str, float] = {}
        self.pmf: dict[str, float] = {}
        self.top = 0.0
        self.losses: list[float] = []
        self._live = (
            Live(console=out, auto_refresh=False, transient=True)
            if out.is_terminal and not out.is_dumb_terminal
            else None
        )
        self._told = -1e9

    def __enter__(self) -> Self:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)
            print_lines(self.out, [self._status()])

    def see(self, event: Moment) -> None:
        """Take in one event and show where the run stands."""
        self._take(event)
        if self._live:
            self._live.update(Group(*self.picture()), refresh=True)
        elif self._is_due(event):
            self._told = event.seconds
            print_lines(self.out, [self._status()])

    def _is_due(self, event: Moment) -> bool:
        since = event.seconds - self._told
        return since >= {"probe": _PAUSE, "done": _PAUSE / 6}.get(event.kind, 1e99)

    def _take(self, event: Moment) -> None:
        numbers = _numbers(event.values)
        pmf = {name[2:]: value for name, value in numbers.items() if name.startswith("p:")}
        self.pmf = pmf or self.pmf
        self.top = max([self.top, *pmf.values()])
        self.latest |= numbers | {"step": float(event.step), "seconds": event.seconds}
        if "loss" in numbers:
            self.losses.append(numbers["loss"])

    def picture(self) -> list[Text]:
        """Return the lines of the live picture: progress, the loss so far, the pmf beside fair."""
        lines = [self._progress(), self._trail(), self._status()]
        if self.pmf and self.target:
            pmfs = {"fair": self.target, "now": self.pmf}
            lines += [Text(""), *side_by_side(pmfs, limit=8, blocks=self.blocks, top=self.top)]
        return lines

    def _progress(self) -> Text:
        if not self.steps:
            return Text("")
        done = round(_TRAIL * min(1.0, self.latest.get("step", 0.0) / self.steps))
        full, empty = "━─" if self.blocks else "=-"
        line = Text("  " + full * done)
        return line.append(empty * (_TRAIL - done), style="dim")

    def _trail(self) -> Text:
        if not self.blocks or len(self.losses) < 2:
            return Text("")
        kept = self.losses[:: -(-len(self.losses) // _TRAIL)]
        low, high = min(kept), max(kept)
        span = max(high - low, 1e-9)
        return Text("  loss " + "".join(_LEVELS[int(7 * (at - low) / span)] for at in kept))

    def _status(self) -> Text:
        latest = self.latest
        words = [f"step {latest.get('step', 0):4.0f}", f"{latest.get('seconds', 0):5.1f} s"]
        if "loss" in latest:
            floor = f" (floor {latest['entropy']:.3f})" if "entropy" in latest else ""
            words.append(f"loss {latest['loss']:.3f}{floor}")
        words += [f"{name} {distance(latest[key])}" for key, name in _TV.items() if key in latest]
        return Text("  " + "   ".join(words))


def _numbers(values: Mapping[str, float | str | None]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}
