"""Replay: ordinary replies that a run rehearses, so that fairness costs nothing else.

Where they come from: a file of the user's, the embedded model's own instructions, or, for any other
model, what it answers to a list of everyday prompts before training.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenodds.errors import FormatError, ModelError, RunError
from evenodds.train.rows import Row, one_hot, path_row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Sampler, Scorer


@dataclass(frozen=True)
class Exchange:
    """A prompt and the reply to rehearse."""

    prompt: str
    reply: str


def replay_rows(exchanges: Iterable[Exchange], scorer: Scorer, decoding: Decoding) -> list[Row]:
    """Rows that repeat each reply token by token, each token weighted 1 / length of its reply.

    Replies that the tokenizer cannot spell are left out; RunError when none remains.
    """
    rows = [row for e in exchanges if (row := _row(e, scorer, decoding)) is not None]
    if not rows:
        raise RunError("no replayed reply can be spelled by this tokenizer; give another file")
    return rows


def _row(exchange: Exchange, scorer: Scorer, decoding: Decoding) -> Row | None:
    try:
        path = scorer.spell(exchange.prompt, exchange.reply, decoding)
    except (FormatError, ModelError):
        return None
    row = path_row(scorer.context(exchange.prompt, decoding), path, one_hot(path))
    edges = tuple((node, token, 1 / len(path)) for node, token, _ in row.edges)
    return Row(row.context, row.tokens, row.parents, edges, 0.0)


def read_exchanges(path: str | Path) -> list[Exchange]:
    """Exchanges of a JSONL file with "prompt" and "completion" (or "reply") on every line.

    RunError names the first bad line, an empty or a missing file.
    """
    source = Path(path)
    lines = enumerate(_lines(source), 1)
    found = [_read(line, number, source) for number, line in lines if line.strip()]
    if not found:
        raise RunError(f"the replay file {source} is empty; give lines of prompt and completion")
    return found


def _lines(source: Path) -> list[str]:
    if not source.is_file():
        raise RunError(f"there is no replay file {source}; give a JSONL file")
    try:
        return source.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise RunError(
            f"the replay file {source} is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error


def _read(line: str, number: int, source: Path) -> Exchange:
    try:
        record: Any = json.loads(line)
        reply = record.get("completion", record.get("reply"))
        prompt = record["prompt"]
    except (ValueError, AttributeError, KeyError) as error:
        raise RunError(_bad_line(source, number)) from error
    if not isinstance(prompt, str) or not isinstance(reply, str):
        raise RunError(_bad_line(source, number))
    return Exchange(prompt, reply)


def _bad_line(source: Path, number: int) -> str:
    return (
        f'line {number} of {source} is no {{"prompt": "...", "completion": "..."}}; '
        "both must be texts"
    )


def own_exchanges(
    sampler: Sampler, decoding: Decoding, seed: int, draws: int = 2
) -> list[Exchange]:
    """What the untrained model answers to everyday prompts: `draws` replies to each of them.

    Replies cut off at the length limit are left out, for they would teach not to end.
    """
    return [
        Exchange(prompt, reply.text)
        for number, prompt in enumerate(everyday_prompts())
        for reply in sampler.draw(prompt, draws, decoding, seed + number)
        if reply.finish == "stop" and reply.text.strip()
    ]


def everyday_prompts(name: str = "everyday.txt") -> Sequence[str]:
    """A packaged list of ordinary requests, none of which asks for chance.

    "everyday.txt" are rehearsed; "everyday_asked.txt" are others, which are only ever measured.
    """
    text = files("evenodds.train").joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
