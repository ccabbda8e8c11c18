"""evenodds measures how language models roll dice, and teaches them to roll fair ones."""

__version__ = "0.1.0"
