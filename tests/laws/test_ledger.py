"""Laws of the ledger: whole or absent, owed is the plan less the done, a torn line is no record."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.errors import RunError
from evenodds.ledger import Ledger, agree, append_line, read_lines, write_atomically
from evenodds.ledger import files as ledger_files

keys = st.text(max_size=5)
rows = st.dictionaries(
    st.text(max_size=3), st.integers() | st.text() | st.none() | st.booleans(), max_size=3
)


@given(work=st.lists(st.tuples(keys, rows), max_size=8), plan=st.lists(keys, max_size=8))
@settings(max_examples=40, deadline=None)
def test_what_is_recorded_is_read_back_and_never_owed(
    work: list[tuple[str, dict[str, Any]]], plan: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        for key, row in work:
            ledger.record(key, row)
        again = Ledger(ledger.path)
        assert again.rows() == ledger.rows() == dict(work)
        assert again.owed(plan) == [k for k in dict.fromkeys(plan) if k not in dict(work)]
        assert again.done() == {key for key, _ in work}


@given(cut=st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_a_kill_at_any_byte_loses_at_most_the_line_being_written(cut: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        ledger = Ledger(path)
        for key in "abcd":
            ledger.record(key, {"text": "é\u2028 line"})
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        survivors = list(Ledger(path).rows())
        assert survivors == list("abcd")[: whole[:cut].count(b"\n")]
        Ledger(path).record("z", {})
        assert list(Ledger(path).rows()) == [*survivors, "z"]


def test_a_row_without_json_numbers_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    with pytest.raises(ValueError, match="JSON"):
        ledger.record("a", {"tv": float("nan")})
    assert not ledger.path.exists() and ledger.done() == set()


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"key": "a", "row": {}}\n{"half": 1}\n')
    with pytest.raises(RunError, match="line 2"):
        Ledger(path)
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(RunError, match="no text"):
        Ledger(path)


def test_a_line_break_cannot_enter(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line break"):
        append_line(tmp_path / "lines", "two\nlines")


def test_a_full_disk_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.json"
    write_atomically(path, "old")
    append_line(tmp_path / "lines", "one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    with pytest.raises(OSError, match="No space"):
        append_line(tmp_path / "lines", "two")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert read_lines(tmp_path / "lines") == ["one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines", "record.json"]


def test_a_line_that_was_written_in_part_is_cut_off_whole(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "lines"
    append_line(path, "one")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))  # room for a part of the next line
    try:
        with pytest.raises(OSError, match="too large"):
            append_line(path, "a line longer than the room that is left")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"one\n"


def test_folders_on_the_way_are_made_and_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "c.txt", "text")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "text"
    assert read_lines(tmp_path / "nothing") == []


def test_a_changed_configuration_stops_and_names_the_keys(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    assert not agree(path, {"seed": 1, "model": "tiny"})
    assert agree(path, {"model": "tiny", "seed": 1})
    with pytest.raises(RunError, match=r"seed: recorded 1, now 2; extra: recorded null, now true"):
        agree(path, {"model": "tiny", "seed": 2, "extra": True})
    assert json.loads(path.read_text())["seed"] == 1


def test_a_file_of_the_same_name_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"architectures": ["LlamaForCausalLM"]}')
    with pytest.raises(RunError, match="belongs to something else; choose another folder"):
        agree(path, {"model": "tiny"})
    assert json.loads(path.read_text()) == {"architectures": ["LlamaForCausalLM"]}


def test_a_broken_configuration_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    for content in ("{", "[]"):
        path.write_text(content)
        with pytest.raises(RunError, match="another folder"):
            agree(path, {})
        assert path.read_text() == content
