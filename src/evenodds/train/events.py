"""What a run tells while it runs: events, handed to a callback and kept as lines of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from evenodds.ledger.files import append_line, read_lines, write_atomically


@dataclass(frozen=True)
class Event:
    """One moment of a run.

    `kind`: "start"; "preflight" (what the method found before the first step, in words under
    "says"); "step" (means since the last one; "entropy" is the least that "loss" can be); "probe"
    (exact measurements, see `train/probe.py`); "checkpoint"; "warning" (in words under "says");
    "stop" (the "reason", and what there is to say of it); "done". `step` counts optimizer steps
    done, `seconds` CPU seconds spent.
    """

    kind: str
    step: int
    seconds: float
    values: Mapping[str, float | str | None] = field(default_factory=dict)


Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The listener that does not listen."""


class Metrics:
    """The file of a run's events, one JSON object a line; a kill costs at most the last line."""

    def __init__(self, path: Path, listener: Listener = ignore) -> None:
        self.path = path
        self.listener = listener

    def tell(self, event: Event) -> None:
        """Append the event to the file (fsync), then hand it to the listener."""
        values = {name: _finite(value) for name, value in event.values.items()}
        append_line(self.path, json.dumps({**asdict(event), "values": values}))
        self.listener(event)

    def rewind(self, step: int) -> None:
        """Drop what was told after `step`: a resumed run will tell it again."""
        kept = [line for line in read_lines(self.path) if json.loads(line)["step"] <= step]
        write_atomically(self.path, "".join(line + "\n" for line in kept))


def read_metrics(path: Path) -> list[Event]:
    """The events of a run's `metrics.jsonl`, oldest first."""
    return [Event(**json.loads(line)) for line in read_lines(path)]


def _finite(value: float | str | None) -> float | str | None:
    """JSON knows no NaN and no infinity: None says that there is no number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
