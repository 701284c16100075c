"""One environment for all templates: whatever they show is made printable and escaped, and nothing is left out."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from verifier.report.facts import place_of
from verifier.report.html import shown
from verifier.report.html.plots.parts import isolated
from verifier.report.html.state import ROW_LOOKS
from verifier.report.printable import counted, printable

# What needs no escape, as most cells of a table are.
PLAIN = re.compile(r"[\w .,:%+()/-]*", re.ASCII)
FOLDER = Path(__file__).parent
STYLES = ("tokens.css", "layout.css", "tables.css", "content.css", "plots.css", "narrow.css")
SCRIPTS = ("small.js", "search.js", "plots.js")


def render(template: str, **values: object) -> str:
    """Returns a page."""
    return _environment().get_template(template).render(**values)


@cache
def style() -> str:
    """Returns the style sheet of all pages."""
    return "".join((FOLDER / "assets" / name).read_text("utf-8") for name in STYLES)


@cache
def script() -> str:
    """Returns the script of all pages; without it all can be read, and nothing be searched."""
    return "".join((FOLDER / "assets" / name).read_text("utf-8") for name in SCRIPTS)


def digest(text: str) -> str:
    """Returns how a Content-Security-Policy names what is written into a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(
        name=name,
        named=named,
        isolated=isolated,
        time=shown.time_shown,
        number=shown.number,
        short=shown.short_hash,
        place=place_of,
        counted=lambda values, what: counted(len(values), what),
        look=ROW_LOOKS.__getitem__,
    )
    return found


def name(text: str) -> Markup:
    """Returns what somebody else named or wrote, so that it does not turn the text around it."""
    return Markup(f"<bdi>{escape(printable(text))}</bdi>") if text else Markup("")


def named(text: str) -> Markup:
    """Returns a name for a heading, a link or a row; one that is empty is said to be."""
    return name(text) if text.strip() else Markup("<i>without a name</i>")


def _plain(value: object) -> object:
    """Returns what may be written into a page; None is nothing."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return printable(value)
    return "" if value is None else value


def table(key: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """Returns a table of numbers; the first cell of a row names it. No template does it: rows may be thousands."""
    heads = "".join(f'<th scope="col">{_cell(one)}</th>' for one in head)
    body = "".join(
        f'<tr><th scope="row">{_cell(row[0]) or named("")}</th>'
        f"{''.join(f'<td>{_cell(one)}</td>' for one in row[1:])}</tr>"
        for row in rows
    )
    return Markup(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(isolated(caption))}">'
        f'<table class="numbers" id="{key}"><caption>{escape(isolated(caption))}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(text: str) -> str:
    return text if PLAIN.fullmatch(text) else name(text)
