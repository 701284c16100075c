"""Downloads a table."""

import urllib.request

from builder.runtime import paths

PLACE = "http://example.com/rows.csv"


def main() -> None:
    with urllib.request.urlopen(PLACE, timeout=10) as answer:
        (paths.output() / "rows.csv").write_bytes(answer.read())


main()
