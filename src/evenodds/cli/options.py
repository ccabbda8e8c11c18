"""What several commands' options share."""

MOST_SEED = 2**32 - 1
"""The largest seed that every generator behind a command takes; the least is 0."""
