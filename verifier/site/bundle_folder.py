"""A bundle as `verifier check --out` writes it: its bill of materials, its training, and who says they signed it.

Nothing is proved here: the signatures are claims, and the files are not hashed, but for the bill of materials.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from verifier.bundle import DOCUMENTS, MANIFEST
from verifier.clock import parse_time
from verifier.contract.files import read_plain
from verifier.errors import BadInput
from verifier.quick_schemas import quick_mismatch
from verifier.schemas import BUNDLE, FORMAT, parse_json
from verifier.signing import approvals, contracts, oms, provenance, results, summaries
from verifier.signing.envelope import read_signed
from verifier.signing.reasons import Refused
from verifier.signing.sign import SUFFIX
from verifier.signing.signers import claimed_signer
from verifier.signing.statement import Statement, parse_statement
from verifier.site.curves import curves_of
from verifier.site.folders import folders_in
from verifier.site.records import Component, Curve, Signed

MOST_BYTES = 64 << 20
MOST_STATEMENTS = 200
BOM = DOCUMENTS["bom"]
STATEMENTS = ".statements"
KINDS = {
    oms.PREDICATE_TYPE: "signature over all files",
    provenance.PREDICATE_TYPE: "provenance",
    contracts.PREDICATE_TYPE: "contract",
    approvals.PREDICATE_TYPE: "approval",
    summaries.PREDICATE_TYPE: "decision of a gate",
}
# Where statements say when it was.
TIMES = (("approvedOn",), ("timeVerified",), ("runDetails", "metadata", "finishedOn"))
Json = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class BundleFolder:
    """What a bundle says of itself; `gaps` are sentences on what of it could not be read."""

    name: str
    identifier: str = ""
    components: tuple[Component, ...] = ()
    curves: tuple[Curve, ...] = ()
    signers: tuple[Signed, ...] = ()
    gaps: tuple[str, ...] = ()


def bundle_folders(bundles: Path) -> list[Path]:
    """Returns the folders with a manifest, in the order of names.

    Raises:
        BadInput: `bundles` is no folder, or cannot be read.
    """
    found = folders_in(bundles, advice="Name what `verifier check --out` wrote to.")
    return [path for path in found if os.path.lexists(path / MANIFEST)]


def read_bundle_folder(folder: Path) -> BundleFolder:
    """Reads a bundle and the statements beside it; nothing in it ends the reading."""
    gaps: list[str] = []
    try:
        manifest, sha256 = _document(folder / MANIFEST, "manifest")
    except BadInput as error:
        return BundleFolder(name=folder.name, gaps=(f"{error.sentence}.",))
    return BundleFolder(
        name=str(manifest["name"]),
        identifier=f"{manifest['name']}-{manifest['version']}-{sha256[:12]}",
        components=_components(folder, manifest, gaps),
        curves=_curves(folder, gaps),
        signers=tuple(_signers(folder.with_name(f"{folder.name}{STATEMENTS}"), gaps)),
        gaps=tuple(gaps),
    )


def _document(path: Path, schema: str) -> tuple[Json, str]:
    content = read_plain(path, MOST_BYTES, advice=FORMAT)
    try:
        value = parse_json(content.decode("utf-8"))
    except ValueError as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=FORMAT) from error
    wrong = quick_mismatch(value, BUNDLE / f"{schema}.schema.json")
    if wrong is not None or not isinstance(value, dict):
        raise BadInput(f"{path}{wrong or ' holds no object'}", advice=FORMAT)
    return value, hashlib.sha256(content).hexdigest()


def _components(folder: Path, manifest: Json, gaps: list[str]) -> tuple[Component, ...]:
    try:
        bill, sha256 = _document(folder / BOM, "bom")
    except BadInput as error:
        gaps.append(f"{error.sentence}.")
        return ()
    listed = {one["path"]: one["sha256"] for one in cast(Sequence[Json], manifest["files"])}
    if listed.get(BOM) != sha256:
        gaps.append(f"{folder / BOM} has other bytes than the manifest says; it is not shown.")
        return ()
    return tuple(map(_component, cast(Sequence[Json], bill["components"])))


def _component(one: Json) -> Component:
    hashes = cast(Sequence[Mapping[str, str]], one.get("hashes", []))
    return Component(
        name=str(one["name"]),
        version=str(one.get("version", "")),
        kind=str(one["type"]),
        licence=" AND ".join(map(_licence, cast(Sequence[Json], one.get("licenses", [])))),
        sha256=next((hashed["content"] for hashed in hashes if hashed["alg"] == "SHA-256"), ""),
    )


def _licence(choice: Json) -> str:
    licence = choice.get("license")
    named = licence if isinstance(licence, dict) else choice
    return str(named.get("expression") or named.get("id") or named.get("name") or "")


def _curves(folder: Path, gaps: list[str]) -> tuple[Curve, ...]:
    try:
        return curves_of(folder)
    except BadInput as error:
        gaps.append(f"{error.sentence}.")
        return ()


def _signers(folder: Path, gaps: list[str]) -> Iterator[Signed]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))
    except FileNotFoundError:
        gaps.append(f"There is no {folder}: nobody is known to have signed this bundle.")
        return
    except OSError as error:
        gaps.append(f"{folder} cannot be read: {error.strerror}.")
        return
    if len(names) > MOST_STATEMENTS:
        gaps.append(f"{folder} holds {len(names)} statements; the first {MOST_STATEMENTS} are shown.")
    for name in names[:MOST_STATEMENTS]:
        try:
            signed = read_signed(folder / name)
            statement = parse_statement(signed.payload)
        except (Refused, OSError) as error:
            gaps.append(f"{folder / name}: {error}.")
            continue
        yield Signed(
            who=claimed_signer(signed),
            what=_kind(statement),
            identifier=statement.name,
            time=_time(statement.predicate),
            verified=False,
            source=str(folder / name),
        )


def _kind(statement: Statement) -> str:
    if statement.predicate_type != results.PREDICATE_TYPE:
        return KINDS.get(statement.predicate_type, statement.predicate_type[:100])
    configuration = statement.predicate.get("configuration")
    first = configuration[0] if isinstance(configuration, list) and configuration else None
    notes = first.get("annotations") if isinstance(first, dict) else None
    kind = notes.get("kind") if isinstance(notes, dict) else None
    return kind if kind in (results.EVALUATION, results.REBUILD) else "test result"


def _time(predicate: object) -> str:
    """Returns when a statement says that it was; empty where it says nothing of it."""
    for path in TIMES:
        value = predicate
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        try:
            parse_time(value)
        except ValueError:
            continue
        return str(value)
    return ""
