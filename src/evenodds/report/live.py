"""A training run as it happens: a live picture on a terminal, a few plain lines anywhere else."""

import textwrap
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from evenodds.report.bar import WIDTH, has_blocks
from evenodds.report.terminal import print_lines, side_by_side
from evenodds.report.text import columns, distance, percent, printable

_LEVELS = "▁▂▃▄▅▆▇█"
_TRAIL = 56
_PAUSE = 3.0
_SAID = {"preflight": "before", "warning": "warning"}


class Moment(Protocol):
    """What the picture reads of an event: what it is, where the run stands, the numbers."""

    @property
    def kind(self) -> str:
        """What happened: "start", "preflight", "step", "probe", "warning", "done" or another."""

    @property
    def step(self) -> int:
        """Optimizer steps done."""

    @property
    def seconds(self) -> float:
        """CPU seconds spent."""

    @property
    def values(self) -> Mapping[str, float | str | None]:
        """Numbers, by the kind of event; and words under "says", of a preflight or a warning.

        Of a step "loss", its floor "entropy" (nats), and "idle" (share without gradient); of a
        probe "tv", "tv_unseen", "valid", "entropy" and "entropy_share", "kl", "twins", "control",
        and "p:OUTCOME" of the first task.
        """


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
        self.steps_done, self.seconds = 0, 0.0
        self.step: dict[str, float] = {}
        self.probe: dict[str, float] = {}
        self.control: float | None = None
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
            print_lines(self.out, self._status())

    def see(self, event: Moment) -> None:
        """Take in one event and show where the run stands."""
        self._take(event)
        print_lines(self.out, _said(event))
        if self._live:
            self._live.update(Group(*self.picture()), refresh=True)
        elif self._is_due(event):
            self._told = event.seconds
            print_lines(self.out, self._status())

    def _is_due(self, event: Moment) -> bool:
        since = event.seconds - self._told
        return since >= {"probe": _PAUSE, "done": _PAUSE / 6}.get(event.kind, 1e99)

    def _take(self, event: Moment) -> None:
        numbers = _numbers(event.values)
        self.steps_done, self.seconds = event.step, event.seconds
        if event.kind == "step":
            self.step |= numbers
            self.losses += [numbers["loss"]] if "loss" in numbers else []
        elif event.kind == "probe":
            self._look(numbers)

    def _look(self, numbers: dict[str, float]) -> None:
        self.probe |= numbers
        self.pmf = {n[2:]: p for n, p in numbers.items() if n.startswith("p:")} or self.pmf
        self.top = max([self.top, *self.pmf.values()])
        self.control = numbers.get("control") if self.control is None else self.control

    def picture(self) -> list[Text]:
        """Return the lines of the live picture: progress, the loss so far, the pmf beside fair."""
        lines = [self._progress(), self._trail(), *self._status()]
        if self.pmf and self.target:
            pmfs = {"fair": self.target, "now": self.pmf}
            lines += [Text(""), *side_by_side(pmfs, limit=8, blocks=self.blocks, top=self.top)]
        return lines

    def _progress(self) -> Text:
        if not self.steps:
            return Text("")
        done = round(_TRAIL * min(1.0, self.steps_done / self.steps))
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

    def _status(self) -> list[Text]:
        """Where the run stands, in as few lines as hold it."""
        lines = [f"  step {self.steps_done:4.0f}   {self.seconds:5.1f} s"]
        for word in [*self._losses(), *self._answers(), *self._kept()]:
            longer = f"{lines[-1]}   {word}"
            if columns(longer) <= WIDTH - 2:
                lines[-1] = longer
            else:
                lines.append(f"  {word}")
        return [Text(line) for line in lines]

    def _losses(self) -> Iterator[str]:
        if "loss" in self.step:
            floor = self.step.get("entropy")
            yield f"loss {self.step['loss']:.3f}" + (f" (floor {floor:.3f})" if floor else "")
        if "reward" in self.step:
            yield f"reward {self.step['reward']:.2f}"
        if "idle" in self.step:
            yield f"no gradient {percent(self.step['idle'])}"

    def _answers(self) -> Iterator[str]:
        probe = self.probe
        for key, name in (("tv", "tv"), ("tv_unseen", "never seen")):
            if key in probe:
                yield f"{name} {distance(probe[key])}"
        if "kl" in probe:
            yield f"kl {probe['kl']:.2f}"
        if "entropy" in probe:
            share = f" ({percent(probe['entropy_share'])})" if "entropy_share" in probe else ""
            yield f"entropy {probe['entropy']:.2f}{share}"
        if "valid" in probe:
            yield f"valid {percent(probe['valid'])}"

    def _kept(self) -> Iterator[str]:
        if "twins" in self.probe:
            yield f"twins {percent(self.probe['twins'])}"
        if self.control is not None:
            now, before = percent(self.probe["control"]), percent(self.control)
            yield f"instructions {now} (from {before})"


def _said(event: Moment) -> list[str]:
    """What an event says in words, wrapped to the page."""
    words = event.values.get("says")
    if event.kind not in _SAID or not isinstance(words, str):
        return []
    told = f"{_SAID[event.kind]}: {printable(words, 600)}"
    return [textwrap.fill(told, WIDTH, initial_indent="  ", subsequent_indent="    ")]


def _numbers(values: Mapping[str, float | str | None]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}
