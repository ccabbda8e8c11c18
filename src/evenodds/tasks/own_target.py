"""Targets as a file of tasks writes them: an expression, outcomes with weights, or a plain list."""

import json
import re
from fractions import Fraction

import yaml

from evenodds.distributions import Expression, parse
from evenodds.errors import EvenoddsError
from evenodds.tasks.nodes import fault, line_of, listed, text_of

__all__ = ["answer_of", "target_of"]

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_WEIGHT = re.compile(r"\d+(?:\.\d+)?|\d+/[1-9]\d*")


def target_of(node: yaml.Node) -> Expression:
    """The law of a `target`: an expression, a map of outcome to weight, or equally likely entries.

    Weights may be percentages, which must add up to 100. Raises `SuiteError` that names the line.
    """
    return _law(node, _written(node))


def answer_of(node: yaml.Node) -> Expression:
    """The law of an `answer`, the one right one; raises `SuiteError` that names the line."""
    return _law(node, f"fixed({_outcomes([node])[0]})")


def _law(node: yaml.Node, written: str) -> Expression:
    try:
        target = parse(written)
        _ = target.law
    except EvenoddsError as why:
        raise fault(node, str(why)) from why
    return target


def _written(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return text_of(node, "target")
    if isinstance(node, yaml.SequenceNode):
        return f"uniform([{', '.join(_outcomes(listed(node, 'target')))}])"
    outcomes = _outcomes([key for key, _ in node.value])
    shares = _shares([value for _, value in node.value])
    rows = (f"{x}: {share}" for x, share in zip(outcomes, shares, strict=True))
    return f"weighted({{{', '.join(rows)}}})"


def _outcomes(nodes: list[yaml.Node]) -> list[str]:
    """Outcomes as an expression writes them: numbers when all are plain numbers, else texts."""
    texts = [text_of(node, "an outcome") for node in nodes]
    first: dict[str, int] = {}
    for text, node in zip(texts, nodes, strict=True):
        if text in first:
            raise fault(node, f"the outcome {text!r} is on line {first[text]} too: keep one.")
        first[text] = line_of(node)
    plain = all(isinstance(node, yaml.ScalarNode) and node.style is None for node in nodes)
    if plain and all(map(_NUMBER.fullmatch, texts)):
        return texts
    return [json.dumps(text, ensure_ascii=False) for text in texts]


def _shares(nodes: list[yaml.Node]) -> list[str]:
    """Weights as they are written, without their percent signs."""
    texts = [text_of(node, "a weight").strip() for node in nodes]
    bare = [text.removesuffix("%").rstrip() for text in texts]
    for text, share, node in zip(texts, bare, nodes, strict=True):
        if not _WEIGHT.fullmatch(share):
            how = "write a number of at least 0, such as 3, 0.25, 1/3 or 25%"
            raise fault(node, f"{text!r} is no weight: {how}.")
    _check_percentages(texts, bare, nodes)
    return bare


def _check_percentages(texts: list[str], bare: list[str], nodes: list[yaml.Node]) -> None:
    percent = [text.endswith("%") for text in texts]
    if not any(percent):
        return
    if not all(percent):
        odd = nodes[percent.index(False)]
        raise fault(odd, f"the weight {odd.value} is no percentage, but others are: write all so.")
    if (total := sum(map(Fraction, bare))) != 100:
        raise fault(nodes[0], f"the percentages add up to {float(total):g}%, not 100%: mend them.")
