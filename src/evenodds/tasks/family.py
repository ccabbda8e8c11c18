"""Families: phrasings and parameters, written once in YAML, expanded to tasks the same way always.

A family states its target once, with `{names}` for parameters. A split pairs its phrasings with
its parameters in turn until each has occurred, so the file stays short. A split without phrasings
of its own borrows those of "train" (that is what "unseen_parameters" means), and so for parameters;
what is borrowed need not all occur.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from typing import Any

from evenodds.distributions import parse
from evenodds.errors import EvenoddsError, SuiteError
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task

__all__ = ["expand"]

_FIELDS = {"family", "category", "level", "kind", "target", "parameters", "prompts"}
_SLOT = re.compile(r"\{([a-z]\w*)\}")


def expand(document: Mapping[str, Any], source: str) -> list[Task]:
    """The tasks of a suite's YAML document, in its order; `source` names it in errors.

    Raises `SuiteError` that names the family and what is wrong.
    """
    tasks: list[Task] = []
    for family in document.get("families", []):
        try:
            tasks.extend(_family(family))
        except (EvenoddsError, KeyError, TypeError, ValueError) as error:
            name = family.get("family", "?") if isinstance(family, Mapping) else family
            what = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise SuiteError(f"{source}, family {name!r}: {what}") from error
    return tasks


def _family(family: Mapping[str, Any]) -> Iterator[Task]:
    if unknown := sorted(set(family) - _FIELDS):
        raise SuiteError(f"no family has a field {unknown[0]!r}: fields are {sorted(_FIELDS)}.")
    prompts, parameters = family["prompts"], family.get("parameters", {})
    for split in dict.fromkeys([*prompts, *parameters]):
        phrasings = list(_phrasings(prompts.get(split) or prompts["train"]))
        slots = parameters.get(split) or parameters.get("train") or [{}]
        size = max(len(phrasings) * (split in prompts), len(slots) * (split in parameters))
        pairs = islice(zip(cycle(phrasings), cycle(slots), strict=False), size)
        for i, ((kind, text), slot) in enumerate(pairs, start=1):
            yield Task(
                prompt=fill(text, slot),
                target=parse(fill(family["target"], slot, quoted=True)),
                format=AnswerFormat.from_text(kind),
                family=family["family"],
                category=family["category"],
                level=family["level"],
                split=split,
                name=f"{family['family']}/{split}/{i}",
                kind=family.get("kind", "random"),
            )


def fill(text: str, slots: Mapping[str, Any], *, quoted: bool = False) -> str:
    """The text with each `{name}` replaced by its parameter; other braces stay as they are.

    A list is written with commas, in a target (`quoted`) as quoted texts.

    >>> fill("{n}d{sides}, as {json}", {"n": 2, "sides": 6})
    '2d6, as {json}'
    """
    return _SLOT.sub(lambda m: _written(slots.get(m[1], m[0]), quoted), text)


def _written(value: Any, quoted: bool) -> str:
    if not isinstance(value, list):
        return str(value)
    return ", ".join(json.dumps(item) if quoted else str(item) for item in value)


def _phrasings(formats: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of answer format and prompt; prompts may be grouped by register."""
    for kind, prompts in formats.items():
        groups = prompts.values() if isinstance(prompts, Mapping) else [prompts]
        for group in groups:
            yield from ((kind, _text(prompt)) for prompt in group)


def _text(prompt: Any) -> str:
    if not isinstance(prompt, str):
        raise SuiteError(f"the prompt {prompt!r} is not a text: put it in quotes.")
    return prompt
