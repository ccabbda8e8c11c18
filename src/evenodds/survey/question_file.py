"""The questions of a survey as a file beside its ledger, so that a survey can be read by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evenodds.distributions import Pmf
from evenodds.errors import EvenoddsError, RunError
from evenodds.ledger import write_atomically
from evenodds.models.base import Decoding
from evenodds.survey.question import SurveyCell, SurveyQuestion
from evenodds.tasks.task import Task

__all__ = ["load_questions", "save_questions"]

_FORMAT = 1


def save_questions(questions: Sequence[SurveyQuestion], path: str | Path) -> None:
    """Write questions whole: laws, cells, decoding. Raises OSError."""
    record = {"questions": _FORMAT, "asked": [_record(each) for each in questions]}
    write_atomically(path, json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


def load_questions(path: str | Path) -> dict[str, SurveyQuestion]:
    """Name -> question, as `save_questions` wrote them; outcomes are texts.

    Raises RunError for a file that holds none.
    """
    try:
        record = json.loads(Path(path).read_text("utf-8"))
        if record["questions"] != _FORMAT:
            raise RunError(f"{path} was saved by a later version: upgrade evenodds.")
        found = [_question(each) for each in record["asked"]]
    except RunError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EvenoddsError) as error:
        told = " ".join(str(error).split())[:120]
        raise RunError(f"{path} holds no questions of a survey ({told}): run it again.") from error
    return {each.name: each for each in found}


def _record(question: SurveyQuestion) -> dict[str, Any]:
    return {
        "name": question.name,
        "law": [[str(outcome), str(weight)] for outcome, weight in question.law.items()],
        "cells": [cell.to_json() for cell in question.cells],
        "decoding": question.decoding.to_json(),
        "max_tokens": question.max_tokens,
    }


def _question(record: Mapping[str, Any]) -> SurveyQuestion:
    return SurveyQuestion(
        record["name"],
        Pmf({outcome: int(weight) for outcome, weight in record["law"]}),
        tuple(map(_cell, record["cells"])),
        Decoding.from_json(record["decoding"]),
        record["max_tokens"],
    )


def _cell(record: Mapping[str, Any]) -> SurveyCell:
    task, labels = Task.from_json(record["task"]), tuple(record["labels"])
    return SurveyCell(**{**record, "task": task, "labels": labels})
