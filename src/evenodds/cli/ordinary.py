"""Ordinary instructions around a lesson, as the demo tells of them (see `train/control.py`)."""

from evenodds.report.story import Kept
from evenodds.train.control import OWN, Asked, asked, rehearsal, rightly

__all__ = ["Asked", "asked", "kept", "rehearsal", "rightly"]


def kept(questions: Asked, before: dict[str, float], after: dict[str, float]) -> list[Kept]:
    """Return before and after of each kind."""
    return [
        Kept(kind, len(pairs), before[kind], after[kind], own=kind == OWN)
        for kind, pairs in questions.items()
    ]
