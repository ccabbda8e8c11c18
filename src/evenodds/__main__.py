"""`python -m evenodds`: the same as the `evenodds` command."""

from evenodds.cli import main

if __name__ == "__main__":
    main()
