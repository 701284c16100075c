"""Draws the example site and its run into a folder, and photographs each kind of page.

Usage: python -m tests.browser OUT; what docs/images shows is then in OUT/docs.
"""

import argparse
from pathlib import Path

from tests.browser.browsing import Browsing, Scheme, example_folder

WIDE, PHONE = (1280, 800), (390, 844)
# What the docs show: name, page, the place that is scrolled to, size and scheme.
DOCS: tuple[tuple[str, str, str, tuple[int, int], Scheme], ...] = (
    ("site-overview", "overview", "body", (1180, 700), "light"),
    ("site-model", "model", "body", (1180, 780), "light"),
    ("site-metrics", "model-failed", "#metrics", (1180, 720), "dark"),
    ("site-failure", "failure", "#explanation", (1180, 860), "light"),
    ("run-report", "run", "body", (1180, 700), "light"),
    ("site-phone", "model-failed", "body", (390, 800), "dark"),
)


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

        for name, page, place, size, scheme in DOCS:
            target = out / "docs" / f"{name}.png"
            browsing.photograph(pages[page], target, size=size, scheme=scheme, place=place)


if __name__ == "__main__":
    main()
