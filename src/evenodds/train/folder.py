"""The folder of a run: config.json, metrics.jsonl, checkpoints/, and at the end model/.

A checkpoint is whole when the file that is written last stands in it; a kill in the middle of one
costs that checkpoint, never the run. The final model appears under its name all at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from evenodds.errors import RunError
from evenodds.ledger.config import agree

WHOLE = "evenodds.json"


class RunFolder:
    """Where a run lives.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = RunFolder(Path(place) / "die")
    ...     folder.open({"seed": 1}, resume=False)
    ...     folder.claim({"seed": 1})
    ...     folder.checkpoint(), folder.finished
    (None, False)
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.config, self.metrics = self.path / "config.json", self.path / "metrics.jsonl"
        self.model, self.checkpoints = self.path / "model", self.path / "checkpoints"

    @property
    def finished(self) -> bool:
        """True when the final model stands."""
        return self.model.is_dir()

    def open(self, config: Mapping[str, Any], *, resume: bool) -> None:
        """Make sure that a run can begin here, or that the one here can go on; write nothing.

        RunError when the folder is a file or holds something else, holds a run and `resume` is not
        given, holds none and it is, or holds one under another configuration (naming the keys).
        """
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path} is a file; name a folder for the run")
        here = self.config.exists()
        if not here and self.path.is_dir() and any(self.path.iterdir()):
            raise RunError(f"{self.path} is not empty and holds no run; name another folder")
        if here and not resume:
            raise RunError(f"{self.path} already holds a run; add --resume, or name another folder")
        if resume and not here:
            raise RunError(f"{self.path} holds no run to resume; leave --resume out to start one")
        if here:
            agree(self.config, config)

    @contextmanager
    def unclaimed(self) -> Iterator[None]:
        """Within the block an error leaves no empty folders, so that another run may take it."""
        try:
            yield
        except BaseException:
            with suppress(OSError):
                self.checkpoints.rmdir()
                self.path.rmdir()
            raise

    def claim(self, config: Mapping[str, Any]) -> None:
        """Write down whose folder this is from now on."""
        agree(self.config, config)

    def checkpoint(self) -> Path | None:
        """The newest whole checkpoint; torn ones are removed."""
        found = sorted(self.checkpoints.glob("checkpoint-*"), key=_step)
        for torn in [c for c in found if not (c / WHOLE).exists()]:
            shutil.rmtree(torn)
        return next((c for c in reversed(found) if c.exists()), None)

    def save_model(self, write: Callable[[Path], None]) -> None:
        """Let `write` fill a folder and put it in place as `model` whole."""
        part = self.path / ".model.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            write(part)
            part.replace(self.model)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])
