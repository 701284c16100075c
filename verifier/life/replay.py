"""Whether the training replays: the second one left the same trace, step by step and tensor by tensor."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from verifier.errors import BadInput
from verifier.trace import STEPS, TENSORS, count_steps, find_trace
from verifier.verdict import REBUILD, Row, Status

REPLAY = "replay"


def replay_rows(bundle: Path, rebuilt: Sequence[Row]) -> list[Row]:
    """Returns the row for the trace in a bundle, judged by the rows of the two builds; none without a trace."""
    try:
        trace = find_trace(bundle)
    except BadInput:
        return []
    train = next((row for row in rebuilt if row.check == REBUILD and row.subject == "train"), None)
    try:
        with (trace / TENSORS).open("rb") as file:
            digests = sum(1 for _ in file)
    except OSError as error:
        detail = f"{TENSORS} of the trace cannot be read: {error.strerror}"
        return [Row(check=REPLAY, subject="trace", status=Status.FAILED, detail=detail)]
    subject = f"{count_steps(bundle)} steps, {digests} digests"
    if train is None or not train.second:
        why = "there is no second training"
        return [Row(check=REPLAY, subject=subject, status=Status.NOT_CHECKED, detail=why)]
    parted = [line for line in train.differences if STEPS in line or TENSORS in line]
    if train.status is Status.PASSED and train.first_sha256 == train.second_sha256:
        status, detail = Status.PASSED, "the second training gave the same"
    elif parted:
        status, detail = Status.FAILED, parted[0]
    else:
        status, detail = Status.FAILED, "the second training was another"
    row = Row(check=REPLAY, subject=subject, status=status, detail=detail, second=train.second)
    # The builds that differ say it first.
    return [replace(row, inherited=status is Status.FAILED and train.status is Status.FAILED)]
