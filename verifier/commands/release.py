"""The command `verifier release`."""

import argparse
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from verifier.clock import now, rfc3339
from verifier.commands.building import add_building_arguments, options_of, verdict_watched
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.flake import STORE_PATH, Model, describe
from verifier.ledger.entries import RELEASE
from verifier.ledger.importing import release_body
from verifier.ledger.writing import add_ledger_argument, append_all, ledger_files, refuse_ledger
from verifier.nix import Store
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import choose
from verifier.release.document import with_variations
from verifier.release.expected import CONTRACT, expected_of
from verifier.release.releases import FOLDER, read_releases, write_release
from verifier.report.document import run_document
from verifier.report.printable import complain, printable
from verifier.report.run import Run, Trouble, trouble_of
from verifier.report.target import beside, refuse_target, write_document
from verifier.report.terminal import verdict_text
from verifier.verdict import VARIATION, Status, Verdict

IN_SOURCE = re.compile(rf"{STORE_PATH.pattern}/(.+)")
ELSEWHERE = "Name a flake that is a folder of yours: --flake FOLDER"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_building_arguments(parser)
    add_ledger_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Checks models and writes a release of each that passes; what keeps one from it does not keep the others.

    Raises:
        BadInput: there is no contract, the flake is no folder of the user's, or a version does not increase.
    """
    refuse_target(arguments.json, judged=ledger_files(arguments.ledger))
    refuse_ledger(arguments.ledger)
    models = describe(arguments.flake, list(dict.fromkeys(arguments.models)))
    verdicts: list[Verdict] = []
    troubles: list[Trouble] = []
    with SecondStores() as stores:
        options = options_of(arguments, stores)
        folders = {model.name: _folder(options.url, model) for model in models}
        known = {model.name: _released(model, folders[model.name]) for model in models}
        choices = choose(arguments.flake, [model.name for model in models], options.vary)
        for model in models:
            try:
                verdicts.append(verdict_watched(model, choices[model.name], options))
                print(verdict_text(verdicts[-1]), file=beside(arguments.json), flush=True)
                written = _written(verdicts[-1], folders[model.name], known=known[model.name])
                print(written, file=beside(arguments.json), flush=True)
            except VerifierError as error:
                complain(error)
                troubles.append(trouble_of(model.name, error))
    released = [v for v in verdicts if v.verified and not known[v.model] and v.document is not None]
    append_all(arguments.ledger, [(RELEASE, v.model, release_body(v.document or {})) for v in released])
    result = Run(time=rfc3339(now()), verdicts=tuple(verdicts), troubles=tuple(troubles))
    if arguments.json:
        write_document(run_document(result), arguments.json)
    return result.exit_code


def _released(model: Model, folder: Path) -> bool:
    """Returns whether the model's version is released already.

    Raises:
        BadInput: there is no contract, the version does not increase, or the folder holds other releases than the
            flake shows, and the next one would not follow from them.
    """
    expected = expected_of(model, Store())
    shown = {release.version: release.digest for release in expected.releases}
    for release in read_releases(folder / FOLDER, model.name):
        if shown.get(release.version) != release.digest:
            raise BadInput(
                f"the flake does not show {folder / FOLDER / release.version}.json, which is there",
                advice="Add it to git first (git add): the next release names it.",
            )
    if expected.contract is None:
        raise BadInput(
            f"{model.name} has no {CONTRACT}, so nothing would say what the next release may change",
            advice=f"Write {folder / CONTRACT} (docs/reference/contract.md), and add it to git.",
        )
    if expected.own is None:
        _refuse_unwritable(folder / FOLDER)
    return expected.own is not None


def _refuse_unwritable(folder: Path) -> None:
    """Returns if a file can be written there; it would be a pity to learn that after an hour of building."""
    place = folder if folder.is_dir() else folder.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise CouldNotCheck(
            f"no release can be written into {folder}: {error.strerror}", advice="Correct its permissions."
        ) from error


def _written(verdict: Verdict, folder: Path, *, known: bool) -> str:
    """Writes the release if there is something to release, and returns what to say about it."""
    title = printable(f"{verdict.model} {verdict.version}")
    if not verdict.verified:
        return f"NOT RELEASED  {title}"
    if known or verdict.document is None:
        return f"released  {title}: it was before, and nothing changed"
    try:
        path = write_release(folder / FOLDER, with_variations(verdict.document, _held(verdict)))
    except OSError as error:
        raise CouldNotCheck(
            f"{title} is verified, and its release cannot be written into {folder / FOLDER}: {error.strerror}",
            advice="Make room or correct the permissions, then run it again; what was built is kept.",
        ) from error
    return f"released  {title}: {printable(str(path))}; add it to git"


def _held(verdict: Verdict) -> list[str]:
    return [row.subject for row in verdict.rows if row.check == VARIATION and row.status is Status.PASSED]


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
