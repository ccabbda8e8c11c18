"""The options of `evenodds train`: flags for the common ones, `--set NAME=VALUE` for any."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from evenodds.errors import RunError

if TYPE_CHECKING:
    from evenodds.train.config import TrainConfig


def configured(
    name: str, flags: Mapping[str, Any], texts: Sequence[str], seed: int
) -> "TrainConfig":
    """The configuration of the method `name` from flags (None: not given) and NAME=VALUE texts.

    Raises RunError for a method that is none, an option that the method does not have (saying which
    methods have it), an option given twice, and a value of the wrong type.
    """
    from evenodds.train.methods import method

    kind = method(name).config
    known = get_type_hints(kind)
    chosen = {key: value for key, value in flags.items() if value is not None}
    for text in texts:
        key, value = _read(text, known, name)
        if key in chosen:
            raise RunError(f"{key} is given twice: leave one of them out")
        chosen[key] = value
    for key in chosen:
        _check(key, known, name)
    return kind(**chosen, seed=seed)


def print_methods() -> None:
    """Print every method with what it does."""
    from evenodds.train.methods import METHODS, method

    for name in METHODS:
        print(f"  {name:<10} {method(name).says}")


def print_options(name: str) -> None:
    """Print every option of a method with its default, and what they mean."""
    from inspect import cleandoc

    from evenodds.train.config import TrainConfig
    from evenodds.train.methods import method

    for key, default, words in options_of(name):
        print(f"  {key:<17} {default:<9} {words}")
    for kind in dict.fromkeys((TrainConfig, method(name).config)):
        print(f"\n{cleandoc(kind.__doc__ or '')}")


def options_of(name: str) -> list[tuple[str, str, str]]:
    """(name, default, type) of every option of a method, its own after those of all."""
    from evenodds.train.methods import method

    kind = method(name).config
    hints = get_type_hints(kind)
    return [(f.name, str(f.default), _words(hints[f.name])) for f in fields(kind)]


def _read(text: str, known: Mapping[str, Any], method: str) -> tuple[str, Any]:
    import yaml

    key, equals, written = text.partition("=")
    key = key.strip().replace("-", "_")
    if not equals:
        raise RunError(f"--set {text!r} says no value: write --set NAME=VALUE")
    _check(key, known, method)
    try:
        value = yaml.safe_load(written)
    except yaml.YAMLError:
        value = written
    return key, _typed(key, value, written, known[key])


def _typed(key: str, value: Any, written: str, hint: Any) -> Any:
    """`value` as the option's type has it: 1 is a float where one is wanted, "1e-4" too."""
    allowed = _kinds(hint)
    if float in allowed and not isinstance(value, bool | NoneType):
        try:
            return float(written)
        except ValueError:
            value = written
    if any(value in get_args(kind) for kind in allowed if get_origin(kind) is Literal):
        return value
    if type(value) in allowed:
        return value
    if str in allowed:
        return written
    raise RunError(f"{key}={written} cannot be: it must be {_words(hint)}")


def _check(key: str, known: Mapping[str, Any], method: str) -> None:
    if key in known and key not in ("method", "seed"):
        return
    if key == "seed":
        raise RunError("the seed is given by --seed")
    homes = _with_option(key)
    where = f"it belongs to {', '.join(homes)}" if homes else "no method has it"
    raise RunError(
        f"{method} has no option {key!r} ({where}): "
        f"`evenodds train --method {method} --options` lists what it has"
    )


def _with_option(key: str) -> list[str]:
    from evenodds.train.methods import METHODS, method

    return [name for name in METHODS if key in get_type_hints(method(name).config)]


def _kinds(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type."""
    return (hint,) if get_origin(hint) is Literal else get_args(hint) or (hint,)


def _words(hint: Any) -> str:
    names: list[str] = []
    for kind in _kinds(hint):
        if get_origin(kind) is Literal:
            names += map(str, get_args(kind))
        else:
            names.append("none" if kind is NoneType else getattr(kind, "__name__", str(kind)))
    return " or ".join(names)
