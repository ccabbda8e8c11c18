"""evenodds measures how language models roll dice, and teaches them to roll fair ones.

>>> import evenodds
>>> evenodds.parse('dice("2d6")').law.prob(7)
Fraction(1, 6)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenodds.distributions import Expression, Law, Pmf, Tree, parse

__version__ = "0.1.0"
__all__ = ["Expression", "Law", "Pmf", "Tree", "__version__", "parse"]


def __getattr__(name: str) -> Any:
    """The laws, imported when they are first asked for, so that `import evenodds` stays fast."""
    if name in __all__:
        from evenodds import distributions

        return getattr(distributions, name)
    raise AttributeError(f"module 'evenodds' has no attribute {name!r}")
