"""Recognises a model that nobody changed, by its derivation: what this machine has proven costs no second build.

1. This machine's own record says that two builds of the derivation were equal and that all checks held.
2. The release of the model's version has the same bits, step by step.
3. The bundle in the store, hashed anew, has them too.
4. What the release says of the bundle is held against it, and the contract against both: it may be another by now.

A release alone is no proof: it is a claim in a file, and whoever adds one to a change would pass with it.
"""

from verifier.flake import Model
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.rebuild import records
from verifier.rebuild.artefact import release_document
from verifier.rebuild.concerns import metrics_of
from verifier.rebuild.options import Options
from verifier.rebuild.records import Record
from verifier.rebuild.variations import Choice
from verifier.release.expected import expected_of
from verifier.release.judging import Measured, judge
from verifier.release.releases import Release
from verifier.verdict import BITWISE, REBUILD, VARIATION, Origin, Row, Status, Verdict

# Without these a record says too little.
ALWAYS = frozenset({"data", "serialisation", "times", "licences", "bundle", "store paths"})


def unchanged(model: Model, choice: Choice, options: Options) -> Verdict | None:
    """Returns the verdict of a model that is as it was when this machine saw it pass; None where it must be built.

    Raises:
        BadInput: contract or releases are not in order.
    """
    if options.again or options.second_nix or options.replay or options.rebuilders or options.chain:
        return None
    record = records.find(model.derivation)
    if record is None or not _covers(record, choice):
        return None
    expected = expected_of(model, Store())
    if expected.own is None or not _same_bits(expected.own, model, record):
        return None
    bundle = Store().physical(model.path)
    if not bundle.is_dir() or nar_sha256(bundle) != record.hashes[model.derivation]:
        return None
    measured = Measured(used=record.resources, calibration_seconds=record.calibration_seconds)
    document = release_document(model, bundle, record.hashes, measured, BITWISE, expected)
    rows = (*_proven(record, choice), *judge(expected, document, measured, BITWISE))
    return Verdict(
        model=model.name,
        version=model.version,
        rows=rows,
        bundle=str(document["identifier"]),
        path=model.path,
        surroundings=record.surroundings,
        origin=Origin(derivation=model.derivation, flake=options.url, revision=options.revision),
        unchanged=record.date,
        metrics=metrics_of(document),
        resources={"first": {}, "second": {}},
    )


def passed_name(row: Row) -> str:
    """Returns what a record calls a row that passed."""
    return f"{VARIATION} {row.subject}" if row.check == VARIATION else row.check


def _covers(record: Record, choice: Choice) -> bool:
    asked = {f"{VARIATION} {variation.name}" for variation in choice.variations}
    return asked | ALWAYS <= set(record.passed)


def _same_bits(own: Release, model: Model, record: Record) -> bool:
    steps = own.document["steps"]
    return isinstance(steps, dict) and all(
        steps[step]["nar_sha256"] == record.hashes.get(derivation) for step, derivation in model.steps.items()
    )


def _proven(record: Record, choice: Choice) -> list[Row]:
    """Returns the rows for what the record knows, and for the bundle that was hashed now."""
    known = f"known, {record.date}"
    builds = f"{len(record.hashes)} builds"
    rows = [Row(check=REBUILD, subject=builds, status=Status.PASSED, detail="equal", second=known)]
    rows += [
        Row(check=VARIATION, subject=variation.name, status=Status.PASSED, detail="equal", second=known)
        for variation in choice.variations
    ]
    return [*rows, Row(check="bundle", subject="all of it", status=Status.PASSED, detail="hash as recorded")]
