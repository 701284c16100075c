"""Whether weights can be saved again and read elsewhere without losing a bit: what the proof `fidelity` found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.flake import MKMODEL
from verifier.schemas import OWN, read_json
from verifier.verdict import Row, Status

SERIALISATION = "serialisation"
REPORT, SCHEMA = "fidelity.json", OWN / "fidelity.schema.json"
WEIGHTS = "weights"


def fidelity_row(bundle: Path, found: Path | VerifierError | None) -> Row:
    """Returns the row for all files below `weights/`; `found` is what the proof left, or why it left nothing."""
    files = sorted(path for path in (bundle / WEIGHTS).rglob("*") if path.is_file())
    subject = f"{len(files)} file{'' if len(files) == 1 else 's'} of weights"
    if found is None:
        why = f"the flake has no proof of it. {MKMODEL}"
        return Row(check=SERIALISATION, subject=subject, status=Status.NOT_CHECKED, detail=why)
    if isinstance(found, VerifierError):
        return unproven(SERIALISATION, subject, found)
    try:
        report = read_json(found / REPORT, SCHEMA, advice="Build it again.")
    except BadInput as error:
        return unproven(SERIALISATION, subject, error)
    tried = cast(Sequence[Mapping[str, object]], report["files"])
    listed = sorted(path.relative_to(bundle).as_posix() for path in files)
    wrong = [line for one in tried for line in _lines(one)]
    if sorted(str(one["path"]) for one in tried) != listed:
        wrong.append("the files that were tried are not those of the bundle")
    tensors = sum(cast(int, one["tensors"]) for one in tried)
    count = f"{tensors} tensor{'' if tensors == 1 else 's'}"
    good = f"{count} saved again: equal bytes; loaded by another process: equal"
    return Row(
        check=SERIALISATION,
        subject=subject,
        status=Status.FAILED if wrong else Status.PASSED,
        detail=wrong[0] if wrong else good,
        differences=tuple(wrong),
    )


def _lines(one: Mapping[str, object]) -> list[str]:
    lines = [] if one["equal_bytes"] else [f"{one['path']}: loaded and saved again, it has other bytes"]
    unequal = cast(Sequence[str], one["unequal_tensors"])
    return [*lines, *(f"{one['path']}: tensor {name!r} is another in another process" for name in unequal)]


def unproven(check: str, subject: str, error: VerifierError) -> Row:
    """Returns the row for a proof that came to no end: failed, unless the machine was in the way."""
    status = Status.NOT_CHECKED if isinstance(error, CouldNotCheck) else Status.FAILED
    return Row(
        check=check, subject=subject, status=status, detail=error.sentence, differences=(error.advice,)
    )
