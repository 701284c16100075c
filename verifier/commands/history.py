"""The command `verifier history`: nothing is built, and nothing written."""

import argparse
import difflib
from collections.abc import Sequence

from verifier.errors import BadInput
from verifier.flake import describe
from verifier.nix import Store
from verifier.release.changes import changes
from verifier.release.expected import releases_of
from verifier.release.releases import Release
from verifier.report.history import Comparison, comparison_text, history_document, history_text
from verifier.report.target import beside, refuse_target, write_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument(
        "versions", nargs="*", metavar="VERSION", help="two releases: all that changed between them"
    )
    parser.add_argument("--flake", default=".", help="the flake that has the model (default: here)")


def run(arguments: argparse.Namespace) -> int:
    """Shows the releases of a model, or what changed between two of them; returns 0.

    Raises:
        BadInput: a release is not as it was written, a version is none, or the model's own does not increase.
        CouldNotCheck: Nix is not installed.
    """
    refuse_target(arguments.json)
    if len(arguments.versions) not in (0, 2):
        given = f"{len(arguments.versions)} {'is' if len(arguments.versions) == 1 else 'are'} given"
        raise BadInput(f"two versions are compared, and {given}", advice="Give two releases, or none.")
    (model,) = describe(arguments.flake, [arguments.model])
    releases = releases_of(model, Store())
    comparison = _comparison(releases, *arguments.versions) if arguments.versions else None
    text = (
        comparison_text(model.name, comparison)
        if comparison
        else history_text(model.name, model.version, releases)
    )
    print(text, file=beside(arguments.json))
    if arguments.json:
        write_document(history_document(model.name, model.version, releases, comparison), arguments.json)
    return 0


def _comparison(releases: Sequence[Release], first: str, second: str) -> Comparison:
    before, after = (_find(releases, version) for version in (first, second))
    found = tuple(changes(before.document, after.document))
    return Comparison(first=first, second=second, changes=found)


def _find(releases: Sequence[Release], version: str) -> Release:
    for release in releases:
        if release.version == version:
            return release
    known = [release.version for release in releases]
    near = difflib.get_close_matches(version, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Released: {', '.join(known) or 'none'}."
    raise BadInput(f"{version!r} is not released", advice=hint)
