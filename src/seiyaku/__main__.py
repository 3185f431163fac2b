"""``python -m seiyaku``: the same as the command ``seiyaku``."""

from seiyaku.cli import main

if __name__ == "__main__":
    main()
