"""What is in the bundle: kinds of files, licences, metrics, and nothing that was revoked."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from verifier.contract.values import flatten
from verifier.gate.case import Case, judged
from verifier.gate.evidence import Evidence
from verifier.gate.formats import format_faults, kinds_of, pickle_faults
from verifier.gate.licences import licence_faults
from verifier.gate.metrics import metric_faults
from verifier.policy.terms import Floor, Tier
from verifier.signing.contents import Contents
from verifier.signing.materials import materials
from verifier.signing.reasons import Reason, Refused
from verifier.signing.revocations import RevocationList
from verifier.signing.verify import passed_row, refusal_row
from verifier.verdict import Row

PICKLES, FORMATS = "pickles", "formats"


def inside_rows(case: Case) -> Iterator[Row]:
    """Yields the rows about formats, licences and metrics."""
    contents, tier = case.evidence.contents, case.tier
    yield from format_rows(case.folder, contents, tier)
    faults = licence_faults(contents.documents["bom"], tier.licences)
    yield judged("licences", "bill of materials", faults, "each is allowed", Reason.LICENCE)
    wrong = metric_faults(contents.documents["metrics"], tier.metrics)
    values = {} if len(wrong) == len(tier.metrics) else flatten(contents.documents["metrics"])
    for floor in tier.metrics:
        name = str(floor.metric)
        if floor in wrong:
            yield refusal_row("metric", name, Refused(Reason.METRIC, wrong[floor]))
        else:
            yield passed_row("metric", name, f"{values[floor.metric]!r}, which is {_limits(floor)}")


def _limits(floor: Floor) -> str:
    """Returns what is demanded of a metric, in words."""
    least = [] if floor.minimum is None else [f"at least {floor.minimum!r}"]
    most = [] if floor.maximum is None else [f"at most {floor.maximum!r}"]
    return " and ".join([*least, *most]) or "all that is demanded"


def format_rows(folder: Path, contents: Contents, tier: Tier) -> list[Row]:
    """Returns the rows about pickles and other kinds of the files in `folder`, which are the bundle's."""
    kinds, subject = kinds_of(folder, contents.files), "all files"
    good = f"each is one of {', '.join(tier.formats)}"
    return [
        judged(PICKLES, subject, pickle_faults(kinds), "none", Reason.PICKLE),
        judged(FORMATS, subject, format_faults(kinds, tier.formats), good, Reason.FORMAT),
    ]


def revoked_row(evidence: Evidence, revoked: RevocationList) -> Row:
    """Returns the row that says whether the bundle, a file of it or a source of it is on the list."""
    digests = _digests(evidence.contents)
    why = revoked.digest_revoked(digests.keys())
    subject = f"list {revoked.number}"
    if why is None:
        return passed_row("revocations", subject, f"none of {len(digests)} digests is on it")
    sha256, reason = why
    return refusal_row(
        "revocations", subject, Refused(Reason.REVOKED, f"{digests[sha256]} is revoked: {reason}")
    )


def _digests(contents: Contents) -> Mapping[str, str]:
    """Returns every digest (hex) that the bundle has or names, each with what it is of."""
    named = cast(Sequence[Mapping[str, Mapping[str, str]]], materials(contents.documents))
    found = {one["digest"]["sha256"]: str(one["name"]) for one in named}
    found |= {file.sha256.hex(): path for path, file in contents.files.items()}
    return found | {contents.root: contents.identifier}
