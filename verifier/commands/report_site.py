"""The command `verifier report site`: a static site from verdicts, a ledger, models' folders and bundles."""

import argparse
import sys
from pathlib import Path

from verifier.clock import now
from verifier.errors import BadInput
from verifier.ledger.writing import VARIABLE, add_ledger_argument, ledger_files
from verifier.report.html.site import site_pages
from verifier.report.printable import counted, printable
from verifier.report.reading import reading_shown
from verifier.report.target import resolved
from verifier.site.gather import gather
from verifier.site.records import Site
from verifier.site.workers import workers
from verifier.site.write import refuse_site, write_site

NAME_ONE = f"Name what there is: --verdicts, --ledger (or ${VARIABLE}), --models or --bundles."
MOST_SAID = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the site goes; it is replaced whole")
    parser.add_argument(
        "--verdicts",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="what `verifier check --json` wrote, or a folder of such files; may be repeated",
    )
    add_ledger_argument(parser)
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="contracts and releases: FOLDER/MODEL")
    parser.add_argument("--bundles", type=Path, metavar="FOLDER", help="what `verifier check --out` wrote")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="whose exceptions are shown")


def run(arguments: argparse.Namespace) -> int:
    """Writes the site; what it says of the models is no part of the exit code, which is 0.

    Raises:
        BadInput: nothing is named, what is named is not there, or the site cannot be written.
        CouldNotCheck: the ledger cannot be read or was changed, or there is no room.
    """
    sources = [*arguments.verdicts, arguments.models, arguments.bundles, arguments.policy]
    named = [place for place in sources if place is not None]
    if not arguments.ledger and all(place == arguments.policy for place in named):
        raise BadInput("there is nothing to draw a site of", advice=NAME_ONE)
    place = refuse_site(arguments.folder)
    for source in (*named, *ledger_files(arguments.ledger)):
        if resolved(source).is_relative_to(place):
            raise BadInput(f"the site would replace {source}", advice="Name another folder for the site.")
    with workers() as pool, reading_shown("reading verdicts") as watch:
        site = gather(
            verdicts=arguments.verdicts,
            ledger=arguments.ledger,
            models=arguments.models,
            bundles=arguments.bundles,
            policy=arguments.policy,
            now=now(),
            workers=pool,
            watch=watch,
        )
        write_site(arguments.folder, site_pages(site, pool))
    _say(site, arguments.folder)
    return 0


def _say(site: Site, folder: Path) -> None:
    checks = sum(len(page.outcomes) for page in site.models)
    releases = sum(len(page.releases) for page in site.models)
    parts = (len(site.models), "model"), (checks, "check"), (releases, "release")
    print(f"shown     {', '.join(counted(*part) for part in parts)}")
    print(printable(f"site      {folder / 'index.html'}"))
    for problem in site.problems[:MOST_SAID]:
        print(printable(f"verifier: {problem}"), file=sys.stderr)
    if len(site.problems) > MOST_SAID:
        print(f"verifier: the site names {len(site.problems) - MOST_SAID} more.", file=sys.stderr)
