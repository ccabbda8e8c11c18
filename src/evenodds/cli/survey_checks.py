"""What `survey run` sees to before it writes anything, and what it says where nobody answered."""

from pathlib import Path
from typing import TYPE_CHECKING

from evenodds.errors import ModelError, RunError

if TYPE_CHECKING:
    from evenodds.survey.progress import Outcome

__all__ = ["demand_replies", "folder_for"]


def folder_for(out: Path) -> None:
    """Refuse a place that no folder can have (RunError)."""
    there = next(each for each in (out.absolute(), *out.absolute().parents) if each.exists())
    if not there.is_dir():
        raise RunError(f"{there} is a file, so {out} can be no folder: name another with --out.")


def demand_replies(outcome: "Outcome", url: str, key_env: str) -> None:
    """Refuse the end of a run in which no call was answered, nor in any run before (ModelError)."""
    if not outcome.failed or any(stop.kept for stop in outcome.stops):
        return
    said = next((stop.fault for stop in outcome.stops if stop.fault), "")
    raise ModelError(
        f"No model at {url} answered ({said or next(iter(outcome.faults))}): check the URL, the "
        f"models' names and the key in {key_env}, and run it again."
    )
