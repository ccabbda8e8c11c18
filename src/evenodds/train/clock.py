"""The clock of a run."""

from __future__ import annotations

import time


class Clock:
    """CPU seconds of this process spent on a run, those before a resume included."""

    def __init__(self) -> None:
        self.start = time.process_time()

    def seconds(self) -> float:
        """CPU seconds since the start of the run."""
        return time.process_time() - self.start

    def resume_at(self, seconds: float) -> None:
        """Go on counting from `seconds`."""
        self.start = time.process_time() - seconds
