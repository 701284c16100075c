"""What `verifier doctor` found, as text and as JSON (schema: verifier/schemas/doctor.schema.json)."""

from collections.abc import Sequence
from dataclasses import asdict

from verifier.doctor.found import Found, State, lacking
from verifier.report.printable import counted, printable
from verifier.report.tables import table


def doctor_text(found: Sequence[Found]) -> str:
    """Returns a table of all parts, a remedy for each that is not well, and one line on the whole."""
    rows = table(("part", "state", "what is there"), ((one.part, one.state, one.detail) for one in found))
    unwell = [one for one in found if one.state is not State.OK]
    remedies = [printable(f"  {one.part}: {one.remedy}") for one in unwell]
    parts = [rows, *(["\n".join(["what helps:", *remedies])] if remedies else []), _closing(found, unwell)]
    return "\n\n".join(parts)


def _closing(found: Sequence[Found], unwell: Sequence[Found]) -> str:
    without = lacking(found)
    if without:
        return f"NOT READY  no model can be checked here for want of {', '.join(one.part for one in without)}"
    rest = f", with {counted(len(unwell), 'part')} limited or missing" if unwell else ""
    return f"ready  models can be checked here{rest}"


def doctor_document(found: Sequence[Found]) -> dict[str, object]:
    """Returns what `verifier doctor --json` writes."""
    parts = [{**asdict(one), "state": str(one.state)} for one in found]
    return {"schema": "samebits/doctor/v1", "ready": not lacking(found), "parts": parts}
