"""Everything that a bundle says it was made from, as SLSA's resolved dependencies."""

from collections.abc import Mapping, Sequence
from typing import cast

from verifier.signing.envelope import Json
from verifier.signing.reasons import Reason, Refused


def materials(documents: Mapping[str, Json]) -> list[Json]:
    """Returns every locked file of toolchain and data as name, URI and sha256, in the order of URIs."""
    sources = [
        *cast(Sequence[Json], documents["toolchain"]["sources"]),
        *cast(Sequence[Json], documents["data"]["sources"]),
    ]
    # By both: where toolchain and data name one URI with two digests, each is a source.
    found = {(str(source["url"]), str(source["sha256"])): source for source in sources}
    return [
        {"name": str(found[url, sha256]["file"]), "uri": url, "digest": {"sha256": sha256}}
        for url, sha256 in sorted(found)
    ]


def refuse_other_materials(claimed: object, documents: Mapping[str, Json]) -> None:
    """Returns if what a provenance claims are the bundle's own sources, beside the flake that names them.

    Raises:
        Refused: one is missing, too many, or has another digest.
    """
    wanted = {_key(one) for one in materials(documents)}
    if not isinstance(claimed, list):
        raise Refused(Reason.WRONG_MATERIALS, "the provenance names no resolved dependencies")
    others = [one for one in claimed if not (isinstance(one, dict) and one.get("name") == "flake")]
    if len(claimed) - len(others) > 1:
        raise Refused(Reason.WRONG_MATERIALS, "the provenance names more than one flake")
    found = {_key(one) for one in others}
    if found != wanted:
        missing, extra = len(wanted - found), len(found - wanted)
        raise Refused(
            Reason.WRONG_MATERIALS,
            f"the provenance lacks {missing} of the bundle's sources, and names {extra} that are none of them",
        )


def _key(one: object) -> tuple[object, object]:
    digest = one.get("digest") if isinstance(one, dict) else None
    if not isinstance(one, dict) or not isinstance(digest, dict) or digest.keys() != {"sha256"}:
        return None, None
    uri, sha256 = one.get("uri"), digest.get("sha256")
    return (uri, sha256) if isinstance(uri, str) and isinstance(sha256, str) else (None, None)
