"""Replay: files read with care, replies of the model's own, rows that weigh each reply alike."""

import json
import math

import pytest
from train_local import small_local

from evenodds.errors import RunError
from evenodds.models.base import Decoding, Reply
from evenodds.train.replay import (
    Exchange,
    everyday_prompts,
    own_exchanges,
    read_exchanges,
    replay_rows,
)


def write(path, *lines):
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_a_file_of_exchanges(tmp_path):
    one, other = {"prompt": "Hi", "completion": "Hello"}, {"prompt": "2+2", "reply": "4"}
    file = write(tmp_path / "r.jsonl", json.dumps(one), "", json.dumps(other))
    assert read_exchanges(file) == [Exchange("Hi", "Hello"), Exchange("2+2", "4")]


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", '{"prompt": "x"}', '{"prompt": 1, "reply": "x"}', "4"]
)
def test_a_bad_line_is_named(tmp_path, line):
    file = write(tmp_path / "r.jsonl", '{"prompt": "Hi", "reply": "Hello"}', line)
    with pytest.raises(RunError, match="line 2 of"):
        read_exchanges(file)


def test_an_empty_or_missing_file_is_no_replay(tmp_path):
    with pytest.raises(RunError, match="is empty"):
        read_exchanges(write(tmp_path / "r.jsonl", ""))
    with pytest.raises(RunError, match="there is no replay file"):
        read_exchanges(tmp_path / "none.jsonl")


def test_a_file_of_other_bytes_and_a_line_with_a_line_separator(tmp_path):
    file = tmp_path / "r.jsonl"
    file.write_bytes(b'{"prompt": "\xe9", "reply": "x"}')
    with pytest.raises(RunError, match="not UTF-8 at byte 12"):
        read_exchanges(file)
    write(file, '{"prompt": "a\u2028b", "reply": "x"}')
    assert read_exchanges(file) == [Exchange("a\u2028b", "x")]


def test_every_reply_weighs_one_however_long():
    local = small_local()
    rows = replay_rows([Exchange("a", "b"), Exchange("a", "long reply")], local, Decoding())
    for row in rows:
        assert math.isclose(sum(weight for _, _, weight in row.edges), 1)
        assert row.entropy == 0


def test_replies_that_cannot_be_spelled_are_left_out():
    local = small_local()
    rows = replay_rows([Exchange("a", " "), Exchange("a", "b")], local, Decoding())
    assert len(rows) == 1
    with pytest.raises(RunError, match="can be spelled"):
        replay_rows([Exchange("a", " ")], local, Decoding())


class Parrot:
    """Answers with the prompt; cut off on every second draw."""

    name = "parrot"

    def draw(self, prompt, n, decoding, seed):
        return [Reply(prompt, "length" if i % 2 else "stop") for i in range(n)]


def test_own_replies_leave_out_those_cut_off():
    own = own_exchanges(Parrot(), Decoding(), 0, draws=2)
    assert [e.prompt for e in own] == list(everyday_prompts())
    assert all(e.prompt == e.reply for e in own)


def test_everyday_prompts_do_not_ask_for_chance():
    words = ("random", "dice", "roll a", "coin", "shuffle", "pick", "choose")
    prompts = everyday_prompts()
    assert len(prompts) == len(set(prompts)) >= 60
    assert not [p for p in prompts if any(word in p.lower() for word in words)]
