"""The parties of a policy: who is who. A key or a certificate is one party's alone."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.contract.strict_yaml import Marked
from verifier.errors import BadInput
from verifier.policy.terms import Certified, Party
from verifier.signing.keys import fingerprint, parse_public_key

Json: TypeAlias = Mapping[str, object]


def read_parties(said: Mapping[str, Json], rooted: bool, marked: Marked) -> dict[str, Party]:
    """Returns the parties by their names; `rooted` says whether the policy names a root for certificates.

    Raises:
        BadInput: one has neither key nor certificate, two have the same, or a certificate has no root.
    """
    parties: dict[str, Party] = {}
    owners: dict[str, str] = {}
    for name, one in said.items():
        party = _party(name, one, marked)
        if party.certificates and not rooted:
            what = f"{name} has certificates, and the policy no 'trusted_root' to prove them by"
            raise marked.bad(what, "parties", name)
        for signer in signers_of(party):
            other = owners.setdefault(signer, name)
            if other != name:
                raise marked.bad(f"{name} and {other} have one key or certificate", "parties", name)
        parties[name] = party
    return parties


def signers_of(party: Party) -> list[str]:
    """Returns the identifiers of a party's keys and certificates, as pins have them (signing/signers.py)."""
    keys = [fingerprint(key) for key in party.keys]
    return [*keys, *(f"{one.signer} {one.issuer}" for one in party.certificates)]


def _party(name: str, said: Json, marked: Marked) -> Party:
    keys = cast(Sequence[str], said.get("keys", []))
    certificates = cast(Sequence[Mapping[str, str]], said.get("certificates", []))
    if not keys and not certificates:
        raise marked.bad(f"{name} has neither 'keys' nor 'certificates'", "parties", name)
    return Party(
        name=name,
        keys=tuple(_key(name, index, pem, marked) for index, pem in enumerate(keys)),
        certificates=tuple(Certified(signer=c["signer"], issuer=c["issuer"]) for c in certificates),
        operator=cast(str | None, said.get("operator")),
        platform=cast(str | None, said.get("platform")),
    )


def _key(name: str, index: int, pem: str, marked: Marked) -> ec.EllipticCurvePublicKey:
    try:
        return parse_public_key(pem.encode("utf-8"), f"key {index + 1} of {name}")
    except BadInput as error:
        raise marked.bad(error.sentence, "parties", name, "keys", index) from error
