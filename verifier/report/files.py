"""The files that tell what a run came to, all from the same rows."""

import json
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from verifier.errors import BadInput
from verifier.report.document import run_document
from verifier.report.run import Run
from verifier.report.target import document_text, replace_file

HTML = "report.html"
ELSEWHERE = "Name a folder that you may write to."
# A module of verifier/report each, and its function; it is loaded when it is asked for.
MAKERS = {
    "junit": ("junit", "junit_xml"),
    "sarif": ("sarif", "sarif_document"),
    "markdown": ("markdown", "summary_markdown"),
    "github": ("annotations", "github_annotations"),
    "html": ("html.page", "run_page"),
}
NAMES = {"junit": "junit.xml", "sarif": "results.sarif", "markdown": "summary.md", "html": HTML}


def content_of(kind: str, run: Run) -> bytes:
    """Returns what a file of that kind says of a run."""
    module, function = MAKERS[kind]
    maker = cast(Callable[[Run], object], getattr(import_module(f"verifier.report.{module}"), function))
    made = maker(run)
    if isinstance(made, bytes):
        return made
    text = made if isinstance(made, str) else json.dumps(made, indent=2) + "\n"
    return text.encode("utf-8")


def refuse_folder(folder: Path | None) -> None:
    """Returns if files can be written to a folder, which is made; to learn that after an hour would be a pity.

    Raises:
        BadInput: they cannot.
    """
    if folder is None:
        return
    trial = folder / f".samebits.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as error:
        what = f"--report: {str(folder)!r} cannot be written: {error.strerror}"
        raise BadInput(what, advice=ELSEWHERE) from error


def write_reports(run: Run, folder: Path) -> Path:
    """Writes all of them, each beside first and then by rename; returns where the page for people lies.

    Raises:
        OSError: the folder cannot be written.
    """
    made = {"verdicts.json": document_text(run_document(run))}
    made |= {name: content_of(kind, run) for kind, name in NAMES.items()}
    for name, content in made.items():
        replace_file(folder / name, content)
    return folder / HTML
