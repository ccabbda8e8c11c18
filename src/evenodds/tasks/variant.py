"""Twins of a task: the same question with other labels, or with its labels named in another order.

A fair sampler does not care which label is which or which comes first; a model does. The twins
show how much.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evenodds.distributions import Expression, parse
from evenodds.errors import FormatError
from evenodds.tasks.task import Task

__all__ = ["relabelled", "reordered"]


def relabelled(task: Task, mapping: Mapping[str, str]) -> Task:
    """The task with outcomes renamed in prompt and target; `mapping` is by the outcomes' texts.

    The prompt changes where a label stands as a whole word; the target lists its outcomes anew, so
    it must be one that can be listed. Raises `FormatError` when a label is no outcome, does not
    stand in the prompt, or gets a name that another outcome has.

    >>> task = Task("Flip a coin: heads or tails?", parse("coin(0.5)"))
    >>> relabelled(task, {"heads": "dax", "tails": "wug"}).prompt
    'Flip a coin: dax or wug?'
    """
    pmf = task.law.pmf()
    texts = [str(outcome) for outcome in pmf]
    _check(task, mapping, texts)
    weights = {mapping.get(str(x), x): weight for x, weight in pmf.items()}
    if len({str(x) for x in weights}) < len(texts):
        raise FormatError(f"{dict(mapping)} gives two outcomes one name: give each its own.")
    return replace(
        task, prompt=_replaced(task.prompt, mapping), target=_weighted(weights), name=_twin(task)
    )


def reordered(task: Task) -> Task:
    """The task with its labels named in reverse order and the same target.

    Only for equally likely outcomes that all stand in the prompt: where chances are stated, another
    order would be another question. Raises `FormatError` otherwise.

    >>> task = Task("Pick one: red, blue, green.", parse('uniform("red", "blue", "green")'))
    >>> reordered(task).prompt
    'Pick one: green, blue, red.'
    """
    pmf = task.law.pmf()
    if len({weight for _, weight in pmf.items()}) > 1:
        raise FormatError(
            f"The outcomes of {task.target} are not equally likely, so to name them in another "
            "order would ask something else: reorder a uniform task."
        )
    texts = [str(outcome) for outcome in pmf]
    placed = _by_place(task.prompt, texts)
    mapping = dict(zip(placed, reversed(placed), strict=True))
    _check(task, mapping, texts)
    return replace(task, prompt=_replaced(task.prompt, mapping), name=_twin(task))


def _check(task: Task, mapping: Mapping[str, str], texts: list[str]) -> None:
    for label in mapping:
        if label not in texts:
            raise FormatError(f"{label!r} is no outcome of {task.target}: rename one of {texts}.")
        if not _pattern([label]).search(task.prompt):
            raise FormatError(
                f"{label!r} does not stand in the prompt as a whole word, so renaming it would "
                "leave the question behind: write it into the prompt."
            )


def _by_place(prompt: str, texts: list[str]) -> list[str]:
    places = {text: match.start() for text in texts if (match := _pattern([text]).search(prompt))}
    if missing := [text for text in texts if text not in places]:
        raise FormatError(f"{missing[0]!r} does not stand in the prompt: name every outcome there.")
    return sorted(texts, key=places.__getitem__)


def _pattern(labels: list[str]) -> re.Pattern[str]:
    longest_first = sorted(labels, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _replaced(prompt: str, mapping: Mapping[str, str]) -> str:
    return _pattern(list(mapping)).sub(lambda m: mapping[m.group()], prompt) if mapping else prompt


def _weighted(weights: Mapping[Any, int]) -> Expression:
    if len(set(weights.values())) == 1 and all(isinstance(x, str) for x in weights):
        return parse(f"uniform({', '.join(map(repr, weights))})")
    return parse(f"weighted({{{', '.join(f'{x!r}: {w}' for x, w in weights.items())}}})")


def _twin(task: Task) -> str:
    return f"{task.name}/twin" if task.name else ""
