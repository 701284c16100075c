"""SLSA provenance v1: what was built, from what, by whom and when; one statement a build.

Format: slsa.dev/provenance/v1. Two builds on one machine show determinism; who built is no more than who signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from verifier.clock import parse_time
from verifier.signing.contents import Contents
from verifier.signing.envelope import Json
from verifier.signing.materials import materials, refuse_other_materials
from verifier.signing.reasons import Reason, Refused, shown
from verifier.signing.statement import Statement
from verifier.verdict import BUILT, REBUILD, Status, step_of

PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
# A build by the rules of builder/: docs/reference/signing.md describes its parameters.
BUILD_TYPE = "urn:samebits:build:v1"
# What of a builder is shown: a URI of one's own, or the beginning of a fingerprint.
LONGEST_BUILDER = 32
STEPS = ("prepare", "train", "evaluate", "package")


@dataclass(frozen=True, kw_only=True)
class Provenanced:
    """What a provenance says was built: which model and version, by which derivation, and when."""

    model: str
    version: str
    derivation: str
    started: datetime
    finished: datetime


def provenance(contents: Contents, verdict: Json, which: str, builder: str) -> Statement:
    """Returns the provenance of the `first` or the `second` build that a verdict is about.

    `verdict` is one of `verifier check --json`; `builder` is the URI of who built.
    """
    origin = cast(Json, verdict["origin"])
    times = cast(Mapping[str, str], origin[which])
    environment = contents.documents["toolchain"]["environment"]
    flake: Json = {"name": "flake", "uri": str(origin["flake"])}
    if origin["revision"]:
        flake["digest"] = {"gitCommit": origin["revision"]}
    definition: Json = {
        "buildType": BUILD_TYPE,
        "externalParameters": {"model": contents.name, "version": contents.version, "flake": origin["flake"]},
        "internalParameters": {
            "derivation": origin["derivation"],
            "environment": environment,
            "toolchain": contents.documents["toolchain"]["digest"],
        },
        "resolvedDependencies": [flake, *materials(contents.documents)],
    }
    details: Json = {
        "builder": {"id": builder, "version": {"nix": times["nix"]}},
        "metadata": {
            "invocationId": f"{origin['derivation']} {which} build",
            "startedOn": times["started"],
            "finishedOn": times["finished"],
        },
        "byproducts": _byproducts(verdict, which),
    }
    return Statement(
        name=contents.identifier,
        sha256=contents.root,
        predicate_type=PREDICATE_TYPE,
        predicate={"buildDefinition": definition, "runDetails": details},
    )


def _byproducts(verdict: Json, which: str) -> list[Json]:
    """Returns the NAR hash of all that was built, which a rebuilder compares with their own."""
    return [
        {
            "name": row["subject"],
            "digest": {"sha256": row[f"{which}_sha256"]},
            "mediaType": "application/x-nix-nar",
        }
        for row in _rebuilt(verdict)
        if row[which] == BUILT and row[f"{which}_sha256"]
    ]


def _rebuilt(verdict: Json) -> list[Json]:
    return [row for row in cast(list[Json], verdict["rows"]) if row["check"] == REBUILD]


def built_here(verdict: Json, which: str) -> bool:
    """Returns whether that build of all the steps was made during the check, so that its signer saw it.

    The toolchain may have been there before.
    """
    # The chunks of a training too: whoever only joined those of others has not seen it.
    steps = [row for row in _rebuilt(verdict) if step_of(str(row["subject"])) in STEPS]
    seen = all(row[which] == BUILT and row["status"] == Status.PASSED for row in steps)
    origin = cast(Json | None, verdict["origin"])
    return (
        {row["subject"] for row in steps} >= set(STEPS)
        and seen
        and origin is not None
        and origin[which] is not None
    )


def judge_provenance(statement: Statement, contents: Contents) -> str:
    """Returns what a provenance says, in words, once it is held against the bundle.

    Raises:
        Refused: it is of another build type, or of another bundle, or does not say when it was built.
    """
    definition = statement.predicate.get("buildDefinition")
    details = statement.predicate.get("runDetails")
    if not isinstance(definition, dict) or not isinstance(details, dict):
        raise Refused(Reason.UNKNOWN_FORMAT, "the provenance has no build definition or no run details")
    if definition.get("buildType") != BUILD_TYPE:
        raise Refused(Reason.UNKNOWN_FORMAT, f"the provenance is not of the build type {BUILD_TYPE}")
    parameters, builder = definition.get("externalParameters"), details.get("builder")
    if not isinstance(parameters, dict) or not isinstance(builder, dict):
        raise Refused(Reason.UNKNOWN_FORMAT, "the provenance names no parameters or no builder")
    named = parameters.get("model"), parameters.get("version")
    if named != (contents.name, contents.version):
        raise Refused(Reason.WRONG_SUBJECT, f"the provenance is about {shown(named[0])} {shown(named[1])}")
    _refuse_other_steps(definition.get("internalParameters"), contents)
    refuse_other_materials(definition.get("resolvedDependencies"), contents.documents)
    if not isinstance(builder.get("id"), str) or not builder["id"]:
        raise Refused(Reason.UNKNOWN_FORMAT, "the provenance does not name who built")
    provenance_facts(statement)
    who = builder["id"] if len(builder["id"]) <= LONGEST_BUILDER else f"{builder['id'][:LONGEST_BUILDER]}…"
    return f"built by {who}, from the bundle's own sources"


def _refuse_other_steps(said: object, contents: Contents) -> None:
    """Returns if the provenance names the toolchain and the variables that the bundle says it was made with."""
    toolchain = contents.documents["toolchain"]
    wanted = {"toolchain": toolchain["digest"], "environment": toolchain["environment"]}
    for name, value in wanted.items():
        if not isinstance(said, dict) or said.get(name) != value:
            raise Refused(Reason.WRONG_MATERIALS, f"the provenance has another {name} than the bundle")


def provenance_facts(statement: Statement) -> Provenanced:
    """Returns what a provenance says, of whichever bundle it is.

    Raises:
        Refused: it does not say so much, or was finished before it was started.
    """
    said = statement.predicate
    parameters = _member(said, "buildDefinition", "externalParameters")
    internal = _member(said, "buildDefinition", "internalParameters")
    texts = parameters.get("model"), parameters.get("version"), internal.get("derivation")
    model, version, derivation = (text if isinstance(text, str) else "" for text in texts)
    if not (model and version and derivation):
        raise Refused(Reason.UNKNOWN_FORMAT, "the provenance does not name model, version and derivation")
    metadata = _member(said, "runDetails", "metadata")
    try:
        started, finished = parse_time(metadata.get("startedOn")), parse_time(metadata.get("finishedOn"))
    except ValueError as error:
        raise Refused(Reason.UNKNOWN_FORMAT, f"when it was built: {error}") from error
    if finished < started:
        raise Refused(Reason.UNKNOWN_FORMAT, "the build was finished before it was started")
    return Provenanced(
        model=model, version=version, derivation=derivation, started=started, finished=finished
    )


def _member(value: Json, outer: str, inner: str) -> Json:
    """Returns an object in an object; empty where it is none."""
    found = value.get(outer)
    found = found.get(inner) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
