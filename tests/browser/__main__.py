"""Draws the example site and its run into a folder, and photographs each kind of page.

Usage: python -m tests.browser OUT [--pictures docs/images]
"""

import argparse
from pathlib import Path

from tests.browser.browsing import Browsing, example_folder

WIDE, PHONE = (1280, 800), (390, 844)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws the example site and photographs its pages.")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    folder = example_folder(out / "site")
    pages = {
        "overview": folder / "index.html",
        "model": next((folder / "models").glob("digits-*.html")),
        "model-failed": next((folder / "models").glob("kjv-gpt-*.html")),
        "failure": next((folder / "failures").glob("kjv-gpt-1.3.0-rebuild-train-*.html")),
        "run": folder / "report.html",
    }
    with Browsing() as browsing:
        for name, path in pages.items():
            for kind, size, scheme in (
                ("", WIDE, "light"),
                ("-dark", WIDE, "dark"),
                ("-phone", PHONE, "light"),
            ):
                browsing.photograph(path, out / f"{name}{kind}.png", size=size, scheme=scheme)


if __name__ == "__main__":
    main()
