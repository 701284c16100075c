"""OpenSSF Model Signing 1.0: one statement with the sha256 of every file, as the files are on disk.

Format: the OMS specification, predicate https://model_signing/signature/v1.0. The subject's digest, the root
digest, is the sha256 of the raw digests of all files, one after the other in the order of their names, folder by
folder as model_signing has them: a/b before a.txt.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import cast

from verifier.signing.envelope import Json
from verifier.signing.reasons import Reason, Refused
from verifier.signing.statement import Statement
from verifier.signing.tree import File

PREDICATE_TYPE = "https://model_signing/signature/v1.0"
SHA256 = re.compile(r"[0-9a-f]{64}")
# What model_signing leaves out of its own accord. A bundle that has one of these is refused all the same.
MAY_BE_IGNORED = (".git", ".gitattributes", ".github", ".gitignore")


def by_parts(path: str) -> list[str]:
    """Returns what paths are ordered by."""
    return path.split("/")


def root_digest(files: Mapping[str, File]) -> str:
    """Returns the digest (hex) that stands for all files of a folder."""
    return _digest_of(files[name].sha256 for name in sorted(files, key=by_parts))


def oms_statement(name: str, files: Mapping[str, File]) -> Statement:
    """Returns the statement about the files of a bundle that is called `name`."""
    resources = [
        {"name": path, "algorithm": "sha256", "digest": files[path].sha256.hex()}
        for path in sorted(files, key=by_parts)
    ]
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": []}
    return Statement(
        name=name,
        sha256=root_digest(files),
        predicate_type=PREDICATE_TYPE,
        predicate={"serialization": serialization, "resources": resources},
    )


def refuse_other_files(statement: Statement, files: Mapping[str, File]) -> None:
    """Returns if the statement names exactly these files with these digests.

    Raises:
        Refused: it names others, leaves some out, or is in another form.
    """
    listed = _resources(statement.predicate)
    if _digest_of(map(bytes.fromhex, listed.values())) != statement.sha256:
        raise Refused(Reason.WRONG_SUBJECT, "the signature's subject is not the digest of the files it lists")
    for path, digest in listed.items():
        if path not in files:
            raise Refused(Reason.MISSING_FILE, f"{path} is signed, but missing")
        if digest != files[path].sha256.hex():
            raise Refused(Reason.CONTENTS_DIFFER, f"{path} is another file than was signed")
    for path in files:
        if path not in listed:
            raise Refused(Reason.EXTRA_FILE, f"{path} is not signed")


def _digest_of(digests: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _resources(predicate: Json) -> dict[str, str]:
    serialization = predicate.get("serialization")
    resources = predicate.get("resources")
    if predicate.keys() != {"serialization", "resources"} or not isinstance(resources, list):
        raise Refused(Reason.UNKNOWN_FORMAT, "the signature is not in the form of OpenSSF Model Signing 1.0")
    _refuse_serialization(serialization)
    found: dict[str, str] = {}
    for one in cast(list[object], resources):
        if not isinstance(one, dict) or one.keys() != {"name", "algorithm", "digest"}:
            raise Refused(Reason.UNKNOWN_FORMAT, "a signed file is not given by name, algorithm and digest")
        name, digest = one["name"], one["digest"]
        if not isinstance(name, str) or name in found:
            raise Refused(Reason.UNKNOWN_FORMAT, "the signature lists a file twice, or without a name")
        if one["algorithm"] != "sha256" or not is_sha256(digest):
            raise Refused(Reason.UNKNOWN_FORMAT, f"{name[:200]!r} is not signed by its sha256")
        found[name] = str(digest)
    if list(found) != sorted(found, key=by_parts):
        raise Refused(Reason.UNKNOWN_FORMAT, "the signed files are not in the order of their names")
    return found


def is_sha256(digest: object) -> bool:
    """Returns whether it is a sha256 as it is written: 64 small hexadecimal digits."""
    return isinstance(digest, str) and SHA256.fullmatch(digest) is not None


def _refuse_serialization(value: object) -> None:
    known = {"method", "hash_type", "allow_symlinks", "ignore_paths"}
    if not isinstance(value, dict) or not {"method", "hash_type"} <= value.keys() <= known:
        raise Refused(Reason.UNKNOWN_FORMAT, "the signature does not say how the files were read")
    if (value["method"], value["hash_type"]) != ("files", "sha256"):
        raise Refused(
            Reason.UNKNOWN_FORMAT, "the signature is not over whole files by sha256, but in another way"
        )
    if value.get("allow_symlinks", False) is not False:
        raise Refused(Reason.LINK, "the signature was made with symbolic links allowed")
    ignored = value.get("ignore_paths", [])
    if not isinstance(ignored, list) or not all(path in MAY_BE_IGNORED for path in ignored):
        raise Refused(Reason.IGNORED_PATHS, "the signature leaves out paths that could be in the bundle")
