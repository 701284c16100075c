"""The command `verifier release`."""

import argparse
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from verifier.errors import BadInput
from verifier.flake import STORE_PATH, Model, absolute, describe
from verifier.nix import Store, flake_revision
from verifier.rebuild.check import verdict_of
from verifier.rebuild.options import Options
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import QUICK, choose
from verifier.release.expected import CONTRACT, expected_of
from verifier.release.releases import FOLDER, write_release
from verifier.report.document import exit_code, verdicts_document
from verifier.report.live import Live
from verifier.report.printable import printable
from verifier.report.target import beside, refuse_target, write_document
from verifier.report.terminal import verdict_text
from verifier.verdict import Verdict

IN_SOURCE = re.compile(rf"{STORE_PATH.pattern}/(.+)")
ELSEWHERE = "Name a flake that is a folder of yours: --flake FOLDER"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--flake", default=".", help="the flake that has the models (default: here)")
    parser.add_argument(
        "--again", action="store_true", help="build a second time even if that was done before"
    )
    parser.add_argument(
        "--vary",
        metavar="LIST",
        default=QUICK,
        help="variations that must hold: quick (default), all, none, or names with commas",
    )


def run(arguments: argparse.Namespace) -> int:
    """Checks models and writes a release of each that passes; returns what the checks came to.

    Raises:
        BadInput: there is no contract, the flake is no folder of the user's, or a version does not increase.
    """
    refuse_target(arguments.json)
    models = describe(arguments.flake, list(dict.fromkeys(arguments.models)))
    url, revision = flake_revision(absolute(arguments.flake))
    folders = {model.name: _folder(url, model) for model in models}
    known = {model.name: _released(model, folders[model.name]) for model in models}
    choices = choose(arguments.flake, [model.name for model in models], arguments.vary)
    verdicts = []
    with SecondStores() as stores:
        options = Options(
            flake=arguments.flake,
            url=url,
            revision=revision,
            again=arguments.again,
            live=Live(),
            stores=stores,
            vary=arguments.vary,
        )
        for model in models:
            with Live() as live:
                verdict = verdict_of(model, choices[model.name], replace(options, live=live))
            written = _written(verdict, folders[model.name], known=known[model.name])
            print(f"{verdict_text(verdict)}\n{written}", file=beside(arguments.json), flush=True)
            verdicts.append(verdict)
    code = exit_code(verdicts, [])
    if arguments.json:
        write_document(verdicts_document(verdicts, [], code), arguments.json)
    return code


def _released(model: Model, folder: Path) -> bool:
    """Returns whether the model's version is released already.

    Raises:
        BadInput: there is no contract, or the version does not increase.
    """
    expected = expected_of(model, Store())
    if expected.contract is None:
        raise BadInput(
            f"{model.name} has no {CONTRACT}, so nothing would say what the next release may change",
            advice=f"Write {folder / CONTRACT} (docs/reference/contract.md), and add it to git.",
        )
    return expected.own is not None


def _written(verdict: Verdict, folder: Path, *, known: bool) -> str:
    """Writes the release if there is something to release, and returns what to say about it."""
    title = printable(f"{verdict.model} {verdict.version}")
    if not verdict.verified:
        return f"NOT RELEASED  {title}"
    if known or verdict.document is None:
        return f"released  {title}: it was before, and nothing changed"
    path = write_release(folder / FOLDER, verdict.document)
    return f"released  {title}: {printable(str(path))}; add it to git"


def _folder(url: str, model: Model) -> Path:
    """Returns where the model's folder lies in the user's own copy of the flake's source.

    Raises:
        BadInput: it is not on this machine's disk.
    """
    parts = urlsplit(url.removeprefix("git+"))
    below = IN_SOURCE.fullmatch(model.folder)
    root = Path(unquote(parts.path))
    local = parts.scheme in ("file", "path") and parts.netloc == "" and not root.is_relative_to("/nix/store")
    folder = root / below[1] if below else root
    if below is None or not local or not (folder / "model.nix").is_file():
        raise BadInput(f"the source of {model.name} is not in a folder: {url}", advice=ELSEWHERE)
    return folder
