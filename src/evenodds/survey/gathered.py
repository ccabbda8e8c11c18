"""What a report tells of a survey beside its analysis: odd replies, who was silent, how it ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered, reply_of
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.model_info import Skip
from evenodds.survey.question import SurveyQuestion
from evenodds.survey.reading import KINDS
from evenodds.survey.store import Store
from evenodds.survey.store_rows import Stop, unpacked

__all__ = ["Gathered", "OddReply", "gathered"]

LONGEST = 2_000
EACH = 3
"""Models that are quoted for each kind of reply without an outcome."""
_ODD = """
SELECT r.model, x.kind, COUNT(*), MIN(x.id) FROM draws d JOIN readings x ON x.id = d.id
JOIN reserved r ON r.id = d.id WHERE d.question = ? AND x.reader = ? AND x.kind > 0
GROUP BY r.model, x.kind ORDER BY x.kind, COUNT(*) DESC, r.model"""
_ONE = """
SELECT w.status, w.body, c.name FROM raw w JOIN reserved r ON r.id = w.id
JOIN names c ON c.id = r.cell WHERE w.id = ?"""
_BODIES = """
SELECT d.question, d.model, d.i, w.status, w.body FROM draws d JOIN raw w ON w.id = d.id
ORDER BY d.question, d.model, d.i"""


@dataclass(frozen=True)
class OddReply:
    """A paid reply that is no outcome: of what kind, to which prompt, in which words.

    `count`: how many of the model's replies to the question were of this kind. `text` is cut to
    2,000 characters; `finish` says why the reply ended.
    """

    question: str
    model: str
    kind: str
    count: int
    prompt: str
    text: str
    finish: str


@dataclass(frozen=True)
class Gathered:
    """What stands in a survey's ledger and catalogue, for a report to show.

    `skipped`: models that were left out before anything was asked, `silent`: models that were to be
    asked and of which no draw came, each with why. `ended`: question -> why models' parts ended,
    with how many. `replies`: SHA-256 over all paid replies as they came, in order. `began`, `last`:
    when the first and the last call was made (UTC). `runs`: what each run was begun with that the
    next one may have had otherwise: draws, caps, models.
    """

    config: Mapping[str, Any]
    models: int
    calls: int
    skipped: tuple[Skip, ...] = ()
    silent: tuple[Skip, ...] = ()
    odd: tuple[OddReply, ...] = ()
    ended: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    catalogue: str = ""
    replies: str = ""
    began: str = ""
    last: str = ""
    runs: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Gathered:
        """Rebuild what `to_json` wrote."""
        made = dict(record)
        made["skipped"] = tuple(Skip(**each) for each in made["skipped"])
        made["silent"] = tuple(Skip(**each) for each in made["silent"])
        made["odd"] = tuple(OddReply(**each) for each in made["odd"])
        made["runs"] = tuple(made.get("runs", ()))
        return cls(**made)


def gathered(
    store: Store, questions: Mapping[str, SurveyQuestion], catalogue: Catalogue | None = None
) -> Gathered:
    """Read a ledger, and the catalogue that the survey was planned with, where it is known."""
    calls, began, last = store.rows("SELECT COUNT(*), MIN(asked_at), MAX(asked_at) FROM reserved")[
        0
    ]
    models = store.models()
    return Gathered(
        config=store.config(),
        models=len(models),
        calls=calls,
        skipped=() if catalogue is None else catalogue.skipped,
        silent=_silent(store, models),
        odd=tuple(odd for q in questions.values() for odd in _odd(store, q)),
        ended=_ended(store),
        faults=store.faults(),
        source="" if catalogue is None else catalogue.source,
        catalogue="" if catalogue is None else catalogue.hash,
        replies=_hash(store),
        began=_when(began),
        last=_when(last),
        runs=tuple(store.runs()),
    )


def _silent(store: Store, models: Mapping[str, Any]) -> tuple[Skip, ...]:
    """Models of the ledger without a draw, each with what its part ended with."""
    names = store.name_of()
    spoke = {names[row[0]] for row in store.rows("SELECT DISTINCT model FROM draws")}
    why = {stop.model: _why(stop) for stop in store.stops().values()}
    return tuple(Skip(m, why.get(m, "not asked yet")) for m in models if m not in spoke)


def _why(stop: Stop) -> str:
    return f"{stop.why}: {stop.fault}" if stop.fault else stop.why


def _ended(store: Store) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for stop in store.stops().values():
        found.setdefault(stop.question, Counter())[stop.why or "not ended"] += 1
    return {question: dict(counts.most_common()) for question, counts in found.items()}


def _odd(store: Store, question: SurveyQuestion) -> Iterator[OddReply]:
    """Of each kind the models that gave most of it, with the first such reply of each."""
    reader = store.rows("SELECT COALESCE(MAX(reader), 0) FROM readings")[0][0]
    rows = store.rows(_ODD, store.name(question.name), reader)
    names = store.name_of()
    for kind, found in groupby(rows, key=lambda row: row[1]):
        for model, _, count, id in list(found)[:EACH]:
            prompt, text, finish = _quoted(store, question, id)
            yield OddReply(
                question.name, names[model], KINDS[kind], count, prompt, text[:LONGEST], finish
            )


def _quoted(store: Store, question: SurveyQuestion, id: int) -> tuple[str, str, str]:
    status, body, key = store.rows(_ONE, id)[0]
    cell = question.by_key.get(key)
    prompt = "" if cell is None else cell.task.prompt
    try:
        reply = reply_of(Answered(status, unpacked(body)))
    except Fault as fault:
        return prompt, "", str(fault)
    return prompt, reply.text, reply.finish


def _hash(store: Store) -> str:
    names, found = store.name_of(), sha256()
    for question, model, i, status, body in store.rows(_BODIES):
        found.update(f"{names[question]}\0{names[model]}\0{i}\0{status}\0".encode())
        found.update(unpacked(body).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _when(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
