"""`verifier verify`: the steps of the proof, in order, for one bundle and the statements beside it.

1. The folder holds plain files alone, each is read once, and they are what the manifest lists (contents.py).
2. Every file beside the bundle is a sigstore bundle with one statement (envelope.py, statement.py).
3. Each is signed by somebody who may sign (signers.py); of a certificate the log and the time are proven too.
4. Each has this bundle as its subject, is of a known type, and what it says holds for the bundle.
5. At least one is a signature over all files.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from verifier.errors import BadInput
from verifier.signing import approvals, contracts, oms, provenance, results, summaries
from verifier.signing.contents import Contents, read_contents
from verifier.signing.envelope import Signed, read_signed
from verifier.signing.reasons import Reason, Refused
from verifier.signing.signers import Pin, signer_of
from verifier.signing.statement import Statement, parse_statement
from verifier.signing.tree import unreadable
from verifier.signing.watch import Watch
from verifier.verdict import Row, Status, amount

STATEMENT, SIGNATURE, PROVENANCE = "statement", "signature", "provenance"
CONTRACT, APPROVAL, SUMMARY = "contract", "approval", "summary"
MOST_STATEMENTS = 256


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The rows of one bundle; the identifier is set if its files are what its manifest lists.

    `signers` are those of accepted signatures over all files.
    """

    path: str
    identifier: str | None
    rows: tuple[Row, ...]
    signers: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """True if there is a row, every one passed, and somebody signed."""
        passed = bool(self.rows) and all(row.status is Status.PASSED for row in self.rows)
        return passed and bool(self.signers)


@dataclass(frozen=True, kw_only=True)
class Proven:
    """A statement whose signature holds; nothing is known yet of what it says."""

    name: str
    pin: Pin
    signed: Signed
    statement: Statement


def verify_bundle(
    bundle: Path, statements: Path, pins: Sequence[Pin], watch: Watch | None = None
) -> Verification:
    """Judges the bundle in the folder `bundle` by the file or the folder of files `statements`.

    `watch` is told how far the hashing is.

    Raises:
        BadInput: there is no such folder.
        CouldNotCheck: something cannot be read.
    """
    try:
        contents, proven = read_both(bundle, statements, pins, watch or Watch())
    except Refused as refused:
        return Verification(
            path=str(bundle), identifier=None, rows=(refusal_row("files", bundle.name, refused),)
        )
    rows = [passed_row("files", amount(len(contents.files) - 1, contents.size), "as the manifest lists them")]
    signers: list[str] = []
    for one in proven:
        row, signer = (one, None) if isinstance(one, Row) else _judge(one, contents)
        rows.append(row)
        signers += [signer] if signer else []
    if not signers and all(row.status is Status.PASSED for row in rows):
        missing = Refused(Reason.NO_SIGNATURE, "nobody has signed all the files of this bundle")
        rows.append(refusal_row(SIGNATURE, contents.identifier, missing))
    return Verification(
        path=str(bundle),
        identifier=contents.identifier,
        rows=tuple(rows),
        signers=tuple(dict.fromkeys(signers)),
    )


def read_both(
    bundle: Path, statements: Path, pins: Sequence[Pin], watch: Watch
) -> tuple[Contents, list[Proven | Row]]:
    """Reads the bundle, and while it is hashed proves the signatures; returns both, refused statements as rows.

    Raises:
        Refused: the folder is no bundle, or not what its manifest lists.
        BadInput: there is no such folder.
        CouldNotCheck: something cannot be read.
    """
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_contents, bundle, watch)
        try:
            try:
                proven = [_prove(place, pins) for place in _places(statements)]
            except Refused as refused:
                proven = [refusal_row("statements", statements.name, refused)]
            return reading.result(), proven
        except BaseException:
            watch.stop()
            raise


def _places(statements: Path) -> list[Path]:
    """Returns the files with statements, in the order of their names."""
    try:
        if statements.is_dir():
            found = sorted(islice(statements.iterdir(), MOST_STATEMENTS + 1))
        else:
            found = [statements] if statements.is_file() else []
    except OSError as error:
        raise unreadable(statements, error) from error
    if not found:
        raise Refused(Reason.NO_SIGNATURE, f"there are no statements in {statements}")
    if len(found) > MOST_STATEMENTS:
        raise Refused(Reason.TOO_LARGE, f"there are more than {MOST_STATEMENTS} statements")
    return found


def _prove(place: Path, pins: Sequence[Pin]) -> Proven | Row:
    """Returns who signed a statement and what it is, or the row that refuses it."""
    try:
        if not place.name.isprintable():  # nor is it text, perhaps, and a record of it could not be written
            raise Refused(Reason.UNSAFE_NAME, f"{place.name!a} is no name that can be shown")
        signed = read_signed(place)
        pin = signer_of(signed, pins)
        return Proven(name=place.name, pin=pin, signed=signed, statement=parse_statement(signed.payload))
    except Refused as refused:
        return refusal_row(STATEMENT, place.name, refused)
    except OSError as error:
        raise unreadable(place, error) from error


def _judge(proven: Proven, contents: Contents) -> tuple[Row, str | None]:
    """Returns the row of one statement, and its signer if it is a signature over all files."""
    try:
        kind, said = said_of(proven.statement, contents)
    except Refused as refused:
        return refusal_row(STATEMENT, proven.name, refused), None
    row = passed_row(kind, proven.name, f"{said}; signed by {proven.pin.label}")
    return row, proven.pin.label if kind == SIGNATURE else None


def said_of(statement: Statement, contents: Contents) -> tuple[str, str]:
    """Returns the kind of a statement, and what it says of the bundle, in words.

    Raises:
        Refused: it is about another bundle, of another kind, or says what does not hold.
    """
    if statement.predicate_type == oms.PREDICATE_TYPE:
        oms.refuse_other_files(statement, contents.files)
        return SIGNATURE, "over all files"
    if statement.sha256 not in (contents.root, contents.manifest):
        raise Refused(Reason.WRONG_SUBJECT, f"it is about {statement.name[:100]!r}, which is another bundle")
    if statement.predicate_type == provenance.PREDICATE_TYPE:
        return PROVENANCE, provenance.judge_provenance(statement, contents)
    if statement.predicate_type == results.PREDICATE_TYPE:
        return results.judge_result(statement, contents)
    if statement.predicate_type == contracts.PREDICATE_TYPE:
        ownership = contracts.parse_contract(statement)
        return CONTRACT, f"tier {ownership.tier}, owned by {ownership.owner}"
    if statement.predicate_type == approvals.PREDICATE_TYPE:
        approval = approvals.parse_approval(statement, contents)
        return APPROVAL, f"under the policy {approval.policy_sha256[:12]}"
    if statement.predicate_type == summaries.PREDICATE_TYPE:
        return SUMMARY, summaries.judge_summary(statement)
    raise Refused(Reason.UNKNOWN_TYPE, f"it is of the unknown type {statement.predicate_type[:100]!r}")


def passed_row(check: str, subject: str, detail: str) -> Row:
    """Returns the row of a check that passed."""
    return Row(check=check, subject=subject, status=Status.PASSED, detail=detail)


def refusal_row(check: str, subject: str, refused: Refused) -> Row:
    """Returns the row of a refusal, with its code and what to do."""
    return Row(
        check=check,
        subject=subject,
        status=Status.FAILED,
        detail=refused.sentence,
        reason=str(refused.reason),
        differences=(refused.advice,),
    )


def statements_beside(bundle: Path) -> Path:
    """Returns the folder in which the statements about a bundle lie: `BUNDLE.statements`."""
    if not bundle.exists():
        raise BadInput(f"{bundle} does not exist", advice="Name the folder of a bundle.")
    place = bundle.resolve() if bundle.name in ("", "..") else bundle.absolute()
    if not place.name:
        raise BadInput(f"{bundle} is the root of all folders", advice="Name the folder of a bundle.")
    return place.with_name(f"{place.name}.statements")
