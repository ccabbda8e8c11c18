"""Texts of strangers as cells of a CSV file, so that no spreadsheet takes one for a formula."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a formula of a cell where it stands first, in some spreadsheet or other."""


def as_cell(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet might run it (OWASP's advice).

    >>> as_cell("=1+1"), as_cell("gpt-4"), as_cell("'-x")
    ("'=1+1", 'gpt-4', "''-x")
    """
    return f"'{text}" if text.lstrip(" '").startswith(_FORMULA) else text


def from_cell(cell: str) -> str:
    """The text that `as_cell` made a cell of; any other cell as it is.

    >>> from_cell("'=1+1"), from_cell("'quoted'")
    ('=1+1', "'quoted'")
    """
    bare = cell.removeprefix("'")
    return bare if as_cell(bare) == cell else cell
