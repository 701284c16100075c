"""The command `verifier report`: the same verdict for other eyes."""

import argparse
from pathlib import Path

from verifier.commands import report_site
from verifier.report.files import content_of
from verifier.report.stored import read_runs
from verifier.report.target import refuse_target, write_bytes, write_document

SITE = "site"
EPILOG = "Exit codes: 0 written; 2 bad usage or bad input; 3 could not write."
WHAT = {
    "junit": "JUnit XML, which most CI systems show as tests",
    "sarif": "SARIF 2.1.0, which code hosts show at the line concerned",
    "markdown": "Markdown, for a CI job summary or a pull-request comment",
    "github": "GitHub's workflow commands, which annotate files",
    "html": "a page of its own, for people",
    SITE: "a static site of all models: history, metrics, resources, signers, failed checks",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
    for name, what in WHAT.items():
        one = formats.add_parser(name, help=what, description=f"Write {what}.", epilog=EPILOG)
        if name == SITE:
            report_site.add_arguments(one)
            continue
        one.add_argument("target", metavar="FILE", help="where it goes (- is stdout)")
        one.add_argument(
            "--verdicts", type=Path, required=True, metavar="FILE", help="what `verifier check --json` wrote"
        )


def run(arguments: argparse.Namespace) -> int:
    """Writes one report; what it says of the models is no part of the exit code.

    Raises:
        BadInput: the verdicts cannot be read, or the target cannot be written.
    """
    if arguments.format == SITE:
        return report_site.run(arguments)
    refuse_target(arguments.target, "FILE", judged=[arguments.verdicts])
    refuse_target(arguments.json, judged=[arguments.verdicts])
    (found,) = read_runs(arguments.verdicts)
    write_bytes(content_of(arguments.format, found), arguments.target)
    if arguments.target != "-":
        print(f"written   {arguments.target}")
    if arguments.json:
        document = {"format": arguments.format, "target": arguments.target, "exit_code": found.exit_code}
        write_document({"schema": "samebits/reported/v1", **document}, arguments.json)
    return 0
