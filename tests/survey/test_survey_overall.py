"""Over all questions: means of what each question says, ranks that carry what is unsure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evenodds.survey.analysis.analysis import Analysis, analyse
from evenodds.survey.analysis.tables import Table, Tables, counted_table
from evenodds.survey.cells import question_of
from evenodds.survey.question import QUESTIONS, SurveyQuestion
from evenodds.survey.suite_questions import suite_questions
from evenodds.tasks.suite import load_suite

COIN = QUESTIONS["coin_article"]


def asked(models: int, n: int) -> tuple[Tables, dict[str, SurveyQuestion], np.ndarray]:
    """A coin and a die, asked n times of models whose tv rises from 0 to .4 in both."""
    rng, true = np.random.default_rng(2), np.linspace(0, 0.4, models)
    names = [f"a/m{k:02}" for k in range(models)]
    die = replace(question_of(load_suite("die").tasks[0]), name="die")
    p, tables = np.full(6, 1 / 6), list[Table]()
    for name, law in (("coin_article", np.array([0.5, 0.5])), ("die", p)):
        shape = np.eye(len(law))[0]
        mixed = [law + t / (1 - law[0]) * (shape - law) for t in true]
        counts = np.stack([rng.multinomial(n, q) for q in mixed])
        tables.append(counted_table(name, names, counts, law, sequential=False))
    return Tables(tuple(tables)), {"coin_article": COIN, "die": die}, true


def test_means_over_questions_and_ranks() -> None:
    tables, questions, true = asked(12, 400)
    found = analyse(tables, questions)
    assert Analysis.from_json(found.to_json()) == found
    rows = {row.model: row for row in found.overall}
    each = [{row.model: row for row in q.rows} for q in found.questions]
    for k, name in enumerate(tables.tables[0].models):
        row, parts = rows[name], [q[name] for q in each]
        assert row.questions == 2 and row.n == 800
        assert abs(row.tv - np.mean([part.shrunken for part in parts])) < 0.01
        assert row.low <= true[k] + 0.02 and true[k] - 0.02 <= row.high
        assert row.rank_low <= k + 1 <= row.rank_high
        assert row.fair + row.biased + row.undecided == 2
        spans = [part.rank_high - part.rank_low for part in parts]
        assert row.rank_high - row.rank_low <= max(spans)
    assert [row.tv for row in found.overall] == sorted(row.tv for row in found.overall)


def test_one_question_has_no_table_over_all_and_silence_is_left_out() -> None:
    tables, questions, _ = asked(4, 50)
    one = Tables(tables.tables[:1])
    assert analyse(one, questions).overall == ()
    coin, die = tables.tables
    silent = die.kept(die.model != 1)
    found = analyse(Tables((coin, silent)), questions)
    assert [r.questions for r in sorted(found.overall, key=lambda r: r.model)] == [2, 1, 2, 2]


def test_tasks_of_one_law_are_cells_of_one_question() -> None:
    suite = load_suite("core")
    questions, left = suite_questions(suite)
    assert sum(len(q.cells) for q in questions) + len(left) == len(suite)
    assert len({q.name for q in questions}) == len(questions) > 100
    for question in questions:
        laws = {tuple(cell.task.law.pmf().probs().values()) for cell in question.cells}
        assert len(laws) == 1
