"""`python -m tests.attacks` prints the tables that docs/concepts/attacks.md has."""

from tests.attacks.corpus import count, tables

if __name__ == "__main__":
    print(count())
    print()
    print(tables())
