"""Who owns a model, its tier, who may approve it: the word of contract.yaml, signed, for a gate without git."""

from collections.abc import Mapping

from verifier.contract.terms import Ownership
from verifier.signing.contents import Contents
from verifier.signing.envelope import Json
from verifier.signing.oms import is_sha256
from verifier.signing.reasons import Reason, Refused
from verifier.signing.statement import Statement

PREDICATE_TYPE = "urn:samebits:contract:v1"
TEXTS = ("owner", "tier", "escalation", "intended_use")
MEMBERS = {*TEXTS, "approvers", "contract_sha256"}
# Longer than anybody writes, and short enough for a report.
LONGEST, MOST_APPROVERS = 2000, 100


def contract_statement(contents: Contents, ownership: Ownership, sha256: str) -> Statement:
    """Returns the statement; `sha256` (hex) is that of contract.yaml."""
    predicate: Json = {name: getattr(ownership, name) for name in TEXTS}
    predicate |= {"approvers": list(ownership.approvers), "contract_sha256": sha256}
    return Statement(
        name=contents.identifier, sha256=contents.root, predicate_type=PREDICATE_TYPE, predicate=predicate
    )


def parse_contract(statement: Statement) -> Ownership:
    """Returns what a contract says.

    Raises:
        Refused: it is in another form, or a part is empty.
    """
    said: Mapping[str, object] = statement.predicate
    if said.keys() != MEMBERS or not is_sha256(said["contract_sha256"]):
        raise Refused(Reason.UNKNOWN_FORMAT, "the contract has other members than its format")
    texts = {name: _text(said[name], name) for name in TEXTS}
    approvers = said["approvers"]
    if not isinstance(approvers, list) or len(approvers) > MOST_APPROVERS:
        raise Refused(Reason.UNKNOWN_FORMAT, "the contract's approvers are no short list")
    return Ownership(**texts, approvers=tuple(_text(one, "approvers") for one in approvers))


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise Refused(Reason.UNKNOWN_FORMAT, f"the contract's {name} is no text, empty or too long")
    return value
