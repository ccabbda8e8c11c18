"""Draws recorded in every format read the same; what cannot be read is named."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenodds.errors import DrawsError
from evenodds.measure.recorded import draws_in, read_draws

FACES = set("123456")


def is_face(text: str) -> bool:
    return text in FACES


def read(text: str, name: str = "draws", column: str | None = None) -> Counter[str]:
    return draws_in(text.encode(), name, column, is_face)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_every_format_reads_the_same(faces: list[int]) -> None:
    expected = Counter(map(str, faces))
    lines = "".join(f"{face}\n" for face in faces)
    objects = [{"id": at, "answer": face} for at, face in enumerate(faces)]
    table = "id,answer\n" + "".join(f'{at},"{face}"\n' for at, face in enumerate(faces))
    assert read(lines) == expected
    assert read(lines.replace("\n", "\r\n")) == expected
    assert read("\ufeff" + lines) == expected
    assert read(lines, "d.csv") == expected
    assert read("face\n" + lines, "d.csv") == expected
    assert read(table, "d.csv") == read(table, "d", "answer") == expected
    assert read(table.replace(",", "\t"), "d.tsv") == expected
    assert read(table.replace(",", ";"), "d.csv", "answer") == expected
    assert read("".join(json.dumps(each) + "\n" for each in objects), "d.jsonl") == expected
    if len(faces) > 1:  # one line that is an object might also be a table of counts
        nested = [{"x": {}, **each} for each in objects]
        assert read("".join(json.dumps(each) + "\n" for each in nested)) == expected
    assert read("".join(json.dumps(str(face)) + "\n" for face in faces), "d.jsonl") == expected
    assert read(json.dumps(faces)) == read(json.dumps(objects), "d.json", "answer") == expected
    assert read(json.dumps({"run": faces, "seed": [1]}), "d.json", "run") == expected
    assert read(json.dumps(dict(expected)), "d.json") == expected
    assert read(json.dumps({f"m,{at}": str(face) for at, face in enumerate(faces)})) == expected
    assert read(json.dumps({f"m,{at}": f for at, f in enumerate(faces)}), column="m,*") == expected


@pytest.mark.parametrize(
    ("text", "name", "column", "message"),
    [
        ("", "d.txt", None, "d.txt is empty"),
        (" \n\n", "d.txt", None, "is empty"),
        ("[]", "d.json", None, "holds no draws"),
        ('{"1": 0}', "d.json", None, "holds no draws"),
        ("{", "d.json", None, "is no JSON"),
        ("4", "d.json", None, "one JSON value"),
        ('{"answer": 4}\n{"answer": \n', "d.jsonl", None, "line 2, is no JSON"),
        ('{"answer": 4}\n\n{"answer": null}\n', "d.jsonl", None, "line 3 holds null"),
        ('{"answer": {"deep": 1}}\n', "d.jsonl", None, "no single draw"),
        ('{"a": 4, "b": 5}\n{"a": 4, "b": 5}\n', "d.jsonl", None, "columns a, b: say with"),
        ('{"a": 4}\n{"b": 4}\n', "d.jsonl", "a", "line 2 has no 'a': it has b"),
        ("a,b\n4,5\n", "d.csv", None, "line 1, has the columns a, b"),
        ("a,b\n4,5\n", "d.csv", "c", "has no 'c'"),
        ("a,b\n4,5\n4\n", "d.csv", "a", "line 3, has 1 cells and the first has 2"),
        ('{"x": 1, "y": 2, "4": 3}', "d.json", None, "may be counts or draws"),
        ('{"x": [1], "y": [2]}', "d.json", None, "several sets of draws"),
        ('{"x": "1"}', "d.json", "z", "no key 'z'"),
        ('{"4": 3, "4": 2}', "d.json", None, "the key '4' stands twice"),
        ('{"4": -3, "5": 2}', "d.json", None, "key '4' holds -3, which is no count"),
        (f'{{"4": 1{"0" * 24}}}', "d.json", None, "which is no count: give 0 to"),
        ("a,a\n4,5\n", "d.csv", "a", "line 1, has 'a' twice"),
    ],
)
def test_what_cannot_be_read_is_named(
    text: str, name: str, column: str | None, message: str
) -> None:
    with pytest.raises(DrawsError, match=message):
        read(text, name, column)


def test_bytes_that_are_no_text_and_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DrawsError, match="UTF-8"):
        draws_in(b"\xff\xfe4", "d", None, is_face)
    with pytest.raises(DrawsError, match="No such file"):
        read_draws(tmp_path / "none.csv", None, is_face)
    with pytest.raises(DrawsError, match="cannot read"):
        read_draws(tmp_path, None, is_face)


def test_numbers_keep_their_spelling_and_lists_are_one_draw() -> None:
    assert read("[0.10, 1e3, true, NaN]", "d.json") == Counter(["0.10", "1E+3", "true", "NaN"])
    assert read('["b", "a"]\n["a", "b"]\n', "d.jsonl") == Counter(["b, a", "a, b"])
    assert read('{"4": 2, "six": 1, "5": 3}', "d.json") == Counter({"4": 2, "six": 1, "5": 3})
    assert read('{"4": 2.0, "5": 1}', "d.json") == Counter({"4": 2, "5": 1})
    assert read(f"[{'9' * 6000}]", "d.json") == Counter(["9" * 6000])
