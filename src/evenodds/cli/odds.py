"""`evenodds odds EXPRESSION`: a law as a table."""


def odds(expression: str) -> None:
    """Print the exact odds of EXPRESSION."""
    raise NotImplementedError
