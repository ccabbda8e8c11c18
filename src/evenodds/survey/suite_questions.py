"""A suite of tasks as questions: tasks of one family and one law are the cells of one question.

So a model is judged on each law over all its phrasings, as on the questions that come with the
survey; position bias cannot be told, for orders are not turned.
"""

from __future__ import annotations

from collections import Counter

from evenodds.errors import TooLargeError
from evenodds.survey.question import SurveyCell, SurveyQuestion
from evenodds.tasks.suite import Suite
from evenodds.tasks.task import Task

__all__ = ["suite_questions"]

Law = tuple[str, tuple[str, ...], tuple[int, ...]]


def suite_questions(
    suite: Suite, max_tokens: int = 256
) -> tuple[list[SurveyQuestion], tuple[Task, ...]]:
    """The questions of a suite, in the order of their first tasks; and the tasks left out.

    Left out are those whose law has too many outcomes to be listed. A question is named SUITE, if
    it is the only one, or SUITE/FAMILY, with a number where a family has several laws.

    >>> from evenodds.tasks.suite import load_suite
    >>> (die,), left = suite_questions(load_suite("die"))
    >>> die.name, len(die.cells), left
    ('die suite', 98, ())
    """
    groups, left = dict[Law, list[Task]](), list[Task]()
    for task in suite:
        try:
            groups.setdefault(_law(task), []).append(task)
        except TooLargeError:
            left.append(task)
    names = _names(suite.name, list(groups))
    asked = [
        _question(n, tasks, max_tokens) for n, tasks in zip(names, groups.values(), strict=True)
    ]
    return asked, tuple(left)


def _law(task: Task) -> Law:
    items = task.law.pmf().items()
    return task.family, tuple(str(each) for each, _ in items), tuple(weight for _, weight in items)


def _names(suite: str, laws: list[Law]) -> list[str]:
    """Names of questions that no other question of the suite has, nor one that is built in."""
    if len(laws) == 1:
        return [f"{suite} suite"]
    many, seen, names = Counter(law[0] for law in laws), Counter[str](), list[str]()
    for family, _, _ in laws:
        seen[family] += 1
        told = f" {seen[family]}" if many[family] > 1 else ""
        names.append(f"{suite}/{family or 'task'}{told}")
    return names


def _question(name: str, tasks: list[Task], max_tokens: int) -> SurveyQuestion:
    pmf = tasks[0].law.pmf()
    labels = tuple(str(each) for each, _ in pmf.items())
    cells = tuple(SurveyCell(task.key, task, labels, phrasing=task.key) for task in tasks)
    return SurveyQuestion(name, pmf, cells, max_tokens=max_tokens)
