"""`python -m tests.gate` prints the table at the end of docs/reference/gate.md."""

from tests.gate.refusals import table

if __name__ == "__main__":
    print(table())
