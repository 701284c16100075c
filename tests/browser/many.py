"""The first page of a site with many models."""

from dataclasses import replace
from pathlib import Path

from tests.browser.example import example_site
from verifier.report.html.overview import counts, line_of
from verifier.report.html.site import search_index
from verifier.report.html.templating import render, script, style


def many_models(folder: Path, count: int) -> Path:
    site = example_site()
    models = [replace(site.models[i % 3], name=f"model-{i:03}") for i in range(count)]
    lines = [line_of(model, ()) for model in models]
    drawn = replace(site, models=tuple(models))
    folder.mkdir()
    page = render("overview.html", root="", time=site.time, site=drawn, lines=lines, counts=counts(lines))
    files = {
        "index.html": page,
        "site.css": style(),
        "site.js": script(),
        "search-index.js": search_index(lines),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "index.html"
