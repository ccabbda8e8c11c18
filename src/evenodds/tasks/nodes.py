"""YAML as a tree of nodes that know their lines, and what is expected of each.

Files of tasks are read as nodes, not as values: so `Yes`, `12:30` and `007` stay the texts that
they are, a key that is written twice is seen, and every fault is told with its line.
"""

from typing import Any

import yaml

from evenodds.errors import SuiteError

__all__ = ["Fields", "composed", "fault", "fields_of", "line_of", "listed", "text_of", "values_of"]

Fields = dict[str, yaml.Node]


def composed(text: str) -> yaml.Node:
    """The tree of a YAML document; raises `SuiteError` for what is none and for an empty one."""
    try:  # not the loader in C: it crashes on what is nested too deep
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as why:
        line = why.problem_mark.line + 1 if why.problem_mark else 1
        hint = "put a text that holds : ? { [ # or a quote into quotes"
        raise SuiteError(f"line {line}: no YAML ({why.problem}): {hint}.") from why
    except (yaml.YAMLError, RecursionError) as why:
        raise SuiteError(f"line 1: no YAML ({str(why).splitlines()[0]}): mend it.") from why
    if node is None:
        raise SuiteError("line 1: there is nothing: write `tasks:` and below it a list of tasks.")
    return node


def line_of(node: yaml.Node) -> int:
    """The line on which a node begins, from 1."""
    return int(node.start_mark.line) + 1


def fault(node: yaml.Node, why: str) -> SuiteError:
    """The error that names the node's line."""
    return SuiteError(f"line {line_of(node)}: {why}")


def fields_of(node: yaml.Node, known: tuple[str, ...], what: str) -> Fields:
    """The fields of a mapping by name; raises `SuiteError` for one unknown or written twice."""
    if not isinstance(node, yaml.MappingNode):
        raise fault(node, f"a {what} has fields: begin with `{known[0]}: ...`.")
    fields: Fields = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "a list"
        if name not in known:
            raise fault(key, f"no {what} has a field {name!r}: fields are {', '.join(known)}.")
        if name in fields:
            raise fault(key, f"{name} stands here twice: keep one.")
        fields[name] = value
    return fields


def listed(node: yaml.Node, name: str) -> list[yaml.Node]:
    """The entries of a list; raises `SuiteError` for another kind of node and for no entries."""
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise fault(node, f"{name} is a list: write one entry a line, after a dash.")
    return list(node.value)


def text_of(node: yaml.Node, name: str) -> str:
    """The text of a scalar as it is written; raises `SuiteError` for another node and for none."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        mapping, sequence = isinstance(node, yaml.MappingNode), isinstance(node, yaml.SequenceNode)
        came = "a field with a value" if mapping else "a list" if sequence else "nothing"
        raise fault(node, f"{name} is a text, and here is {came}: write it in quotes.")
    return str(node.value)


def values_of(node: yaml.Node) -> Any:
    """The plain values of a node, as YAML reads them; raises `SuiteError` for what has none."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except (yaml.MarkedYAMLError, ValueError, RecursionError) as why:
        raise fault(node, f"{getattr(why, 'problem', why)}: mend it.") from why
    finally:
        loader.dispose()
