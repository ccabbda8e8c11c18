"""Questions beside a ledger: what was asked can be told without the files that it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from evenodds.errors import RunError
from evenodds.models.base import Reply
from evenodds.survey.cells import question_of
from evenodds.survey.question import QUESTIONS
from evenodds.survey.question_file import load_questions, save_questions
from evenodds.survey.reading import read
from evenodds.tasks.suite import load_suite


def test_questions_come_back_with_their_hash_and_read_alike(tmp_path: Path) -> None:
    tasks = [question_of(task) for task in load_suite("core").tasks[:40]]
    asked = [QUESTIONS[name] for name in QUESTIONS] + tasks
    save_questions(asked, tmp_path / "questions.json")
    found = load_questions(tmp_path / "questions.json")
    assert [*found] == [each.name for each in asked]
    for each in asked:
        again = found[each.name]
        assert again.hash == each.hash and again.positions == each.positions
        assert [*again.law.probs().values()] == [*each.law.probs().values()]
        for mine, theirs in zip(again.cells, each.cells, strict=True):
            for said in (*map(str, mine.labels[:3]), "I cannot say"):
                text = mine.task.format.spellings(said)[0]
                reply = Reply(text, "stop")
                assert read(again, mine, reply) == read(each, theirs, reply)


@pytest.mark.parametrize("text", ["", "[]", '{"questions": 1}', '{"questions": 1, "asked": [{}]}'])
def test_what_holds_no_questions_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "q.json").write_text(text)
    with pytest.raises(RunError, match="holds no questions"):
        load_questions(tmp_path / "q.json")
    (tmp_path / "q.json").write_text('{"questions": 2, "asked": []}')
    with pytest.raises(RunError, match="later version"):
        load_questions(tmp_path / "q.json")
