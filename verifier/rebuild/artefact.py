"""What is checked of a bundle once it was built twice: its own files, its life, and what is expected of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from verifier.bundle import DOCUMENTS, read_bundle
from verifier.contract.calibration import calibration_seconds
from verifier.contract.resources import QUANTITIES
from verifier.contract.values import read_metrics
from verifier.errors import BadInput
from verifier.flake import Model
from verifier.life.rows import life_rows
from verifier.nix import Store
from verifier.nixlog import Event
from verifier.rebuild import records
from verifier.rebuild.build import Build
from verifier.rebuild.options import Options
from verifier.rebuild.plan import Plan
from verifier.rebuild.rows import bundle_rows
from verifier.rebuild.two_builds import Second
from verifier.release.document import STEPS, make_release
from verifier.release.expected import Expected
from verifier.release.judging import Measured, agreement, judge
from verifier.verdict import BITWISE, BY_SAMPLE, Row, Status

ELSEWHERE = "the claimed bundle was not brought here, since not all that it is made from was shown"


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """The rows on a bundle: on its files (`bundle`), and all the others; the identifier is None where it is none.

    `document` is what a release of it would say, where its files are in order; `level` is how far it agrees with
    the second build and with the release of its version.
    """

    identifier: str | None
    bundle: tuple[Row, ...]
    others: tuple[Row, ...] = ()
    measured: Measured
    document: Mapping[str, object] | None = None
    level: str = BITWISE

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows."""
        return (*self.bundle, *self.others)


def examine(
    plan: Plan, machine: Store, first: Build, second: Second, expected: Expected, level: str, options: Options
) -> Artefact:
    """Reads the bundle that was built first, tries it, and holds it against what is expected.

    Raises:
        BadInput: contract or proofs are not in order.
    """
    measured = _measured(plan, first, second)
    folder = machine.physical(plan.model.path)
    if options.chain and not folder.exists():  # it is brought here once it was rebuilt
        row = Row(check="bundle", subject="manifest", status=Status.NOT_CHECKED, detail=ELSEWHERE)
        return Artefact(identifier=None, bundle=(row,), measured=measured)
    try:
        read_metrics(folder / DOCUMENTS["metrics"])
        bundle = read_bundle(folder)
    except BadInput as error:
        # What was built is here; that it is no bundle is an answer, not the end of the check.
        row = Row(check="bundle", subject="manifest", status=Status.FAILED, detail=error.sentence)
        return Artefact(identifier=None, bundle=(row,), measured=measured)
    rows = bundle_rows(bundle, plan)
    others: list[Row] = []
    document = None
    if all(row.status is Status.PASSED for row in rows):
        options.live.pause()

        def listen(event: Event) -> None:
            options.live.listen("proof", event)

        replayed = level if second.whole else BY_SAMPLE
        others += life_rows(plan, machine, options.flake, expected, second.rows, replayed, listen)
        document = release_document(plan.model, folder, first.hashes, measured, level, expected)
        level = agreement(expected, document, level)
        others += judge(expected, document, measured, level)
    return Artefact(
        identifier=bundle.identifier,
        bundle=tuple(rows),
        others=tuple(others),
        measured=measured,
        document=document,
        level=level,
    )


def _measured(plan: Plan, first: Build, second: Second) -> Measured:
    """Returns what the steps used: in this check, else what the record has of the check that built them."""
    used = {**second.resources, **first.resources}
    if used:
        return Measured(used=used, calibration_seconds=calibration_seconds())
    record = records.find(plan.model.derivation)
    if record is None:
        return Measured(used={}, calibration_seconds=None)
    return Measured(used=record.resources, calibration_seconds=record.calibration_seconds)


def release_document(
    model: Model, folder: Path, hashes: Mapping[str, str], measured: Measured, level: str, expected: Expected
) -> dict[str, object]:
    """Returns what a release of the bundle in `folder` would say; `hashes` are the NAR sha256 by derivation.

    Raises:
        BadInput: a part of the bundle cannot be read.
    """
    # What a contract can limit.
    numbers = {
        step: {
            name: value
            for name, value in used.items()
            if name in QUANTITIES and isinstance(value, int | float)
        }
        for step, used in measured.used.items()
    }
    return make_release(
        folder,
        model=model,
        nar_sha256={step: hashes[model.steps[step]] for step in STEPS},
        resources=numbers,
        calibration_seconds=measured.calibration_seconds,
        level=level,
        date=datetime.now(UTC).date(),
        contract=expected.contract,
        previous=expected.before,
    )
