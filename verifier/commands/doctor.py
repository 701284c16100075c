"""The command `verifier doctor`."""

import argparse

from verifier.doctor.examine import examine
from verifier.doctor.found import lacking
from verifier.errors import CouldNotCheck
from verifier.report.examined import doctor_document, doctor_text
from verifier.report.target import beside, refuse_target, write_document


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Adds no arguments: the command has none of its own."""


def run(arguments: argparse.Namespace) -> int:
    """Looks at this machine; returns 0 if a model can be checked on it, 3 if none can.

    Raises:
        BadInput: the JSON cannot be written where it should.
    """
    refuse_target(arguments.json)
    found = tuple(examine())
    print(doctor_text(found), file=beside(arguments.json))
    if arguments.json:
        write_document(doctor_document(found), arguments.json)
    return CouldNotCheck.exit_code if lacking(found) else 0
