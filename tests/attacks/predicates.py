"""Attacks in which the right key signs a test result or a provenance that does not hold for the bundle."""

from tests.attacks.attack import Attack
from tests.attacks.claims import BUILD, FORMAT, OTHER, SUBJECT, TYPE, again
from tests.attacks.scene import Spoil, claimed, stated
from verifier.signing.reasons import Reason

FAILED, MATERIALS = Reason.TEST_FAILED, Reason.WRONG_MATERIALS


def said(kind: str, /, **members: object) -> Spoil:
    return claimed(lambda v: v["predicate"].update(members), kind)


def tested(kind: str, /, **members: object) -> Spoil:
    return claimed(lambda v: v["predicate"]["configuration"][0]["annotations"].update(members), kind)


def defined(part: str, **members: object) -> Spoil:
    return claimed(lambda v: v["predicate"]["buildDefinition"][part].update(members), BUILD)


def dated(**members: object) -> Spoil:
    return claimed(lambda v: v["predicate"]["runDetails"]["metadata"].update(members), BUILD)


def depends(change) -> Spoil:
    return claimed(lambda v: change(v["predicate"]["buildDefinition"]["resolvedDependencies"]), BUILD)


RESULTS = [
    ("result-failed", "the evaluation has failed", FAILED, said("evaluation", result="FAILED")),
    (
        "result-warned",
        "the evaluation has passed with a warning",
        FAILED,
        said("evaluation", result="WARNED"),
    ),
    (
        "result-small-letters",
        "the result is written in small letters",
        FAILED,
        said("evaluation", result="passed"),
    ),
    ("result-true", "the result is true", FAILED, said("evaluation", result=True)),
    (
        "result-missing",
        "there is no result",
        FAILED,
        claimed(lambda v: v["predicate"].pop("result"), "evaluation"),
    ),
    (
        "result-nested",
        "the result is a thousand lists in each other",
        FAILED,
        stated(again(b'"PASSED"', b"[" * 930 + b"]" * 930), "evaluation"),
    ),
    (
        "result-failed-tests",
        "it passed, but one test is listed as failed",
        FAILED,
        said("rebuild", failedTests=["rebuild train"]),
    ),
    (
        "result-no-failed-tests",
        "it passed, and does not say that no test failed",
        FAILED,
        claimed(lambda v: v["predicate"].pop("failedTests"), "rebuild"),
    ),
    (
        "result-unknown-member",
        "the result has a member that the format has not",
        FORMAT,
        said("rebuild", approved=True),
    ),
    (
        "result-of-nothing",
        "the result is not about any kind of test",
        TYPE,
        tested("evaluation", kind="approval"),
    ),
    ("result-of-two", "the result is about two things", FORMAT, said("evaluation", configuration=[{}, {}])),
    (
        "other-metrics",
        "the evaluation has a better metric than the bundle",
        Reason.CONTENTS_DIFFER,
        tested("evaluation", scalars={"accuracy": 0.99}),
    ),
    (
        "other-metrics-file",
        "the evaluation names another metrics.json",
        Reason.CONTENTS_DIFFER,
        claimed(lambda v: v["predicate"]["configuration"][0].update(digest={"sha256": OTHER}), "evaluation"),
    ),
    (
        "higher-level",
        "the rebuild claims more than two builds show",
        FORMAT,
        tested("rebuild", level="REPRODUCIBLE"),
    ),
    (
        "no-level",
        "the rebuild claims no level",
        FORMAT,
        claimed(lambda v: v["predicate"]["configuration"][0]["annotations"].pop("level"), "rebuild"),
    ),
]
PROVENANCES = [
    (
        "build-without-details",
        "the provenance does not say how it was run",
        FORMAT,
        claimed(lambda v: v["predicate"].pop("runDetails"), BUILD),
    ),
    (
        "build-without-parameters",
        "the provenance does not say what was asked for",
        FORMAT,
        claimed(lambda v: v["predicate"]["buildDefinition"].pop("externalParameters"), BUILD),
    ),
    (
        "build-type",
        "the provenance is of another kind of build",
        FORMAT,
        claimed(lambda v: v["predicate"]["buildDefinition"].update(buildType="urn:other"), BUILD),
    ),
    (
        "build-of-another-model",
        "the provenance is about another model",
        SUBJECT,
        defined("externalParameters", model="other"),
    ),
    (
        "build-of-another-version",
        "the provenance is about another version",
        SUBJECT,
        defined("externalParameters", version="9"),
    ),
    (
        "build-by-nobody",
        "the provenance names no builder",
        FORMAT,
        claimed(lambda v: v["predicate"]["runDetails"].update(builder={}), BUILD),
    ),
    (
        "build-with-another-toolchain",
        "the provenance names another toolchain",
        MATERIALS,
        defined("internalParameters", toolchain=OTHER),
    ),
    (
        "build-in-another-environment",
        "the provenance names other variables of the steps",
        MATERIALS,
        defined("internalParameters", environment={"LD_PRELOAD": "x"}),
    ),
    (
        "build-without-time",
        "the provenance does not say when it was built",
        FORMAT,
        claimed(lambda v: v["predicate"]["runDetails"].pop("metadata"), BUILD),
    ),
    (
        "build-at-no-time",
        "it was finished on the 31st of June",
        FORMAT,
        dated(finishedOn="2026-06-31T00:00:00Z"),
    ),
    ("build-backwards", "it was finished before it began", FORMAT, dated(finishedOn="2025-12-31T23:59:59Z")),
    (
        "build-of-no-derivation",
        "it names no derivation",
        FORMAT,
        defined("internalParameters", derivation=[]),
    ),
    ("material-missing", "the provenance leaves a source out", MATERIALS, depends(lambda d: d.pop())),
    (
        "material-extra",
        "the provenance has a source that the bundle has not",
        MATERIALS,
        depends(lambda d: d.append({"uri": "https://example.org/x", "digest": {"sha256": OTHER}})),
    ),
    (
        "material-changed",
        "a source has another digest",
        MATERIALS,
        depends(lambda d: d[-1].update(digest={"sha256": OTHER})),
    ),
    (
        "material-twice",
        "a source is there a second time, with another digest",
        MATERIALS,
        depends(lambda d: d.append({**d[-1], "digest": {"sha256": OTHER}})),
    ),
    (
        "material-as-flake",
        "a source that the bundle has not is called a second flake",
        MATERIALS,
        depends(lambda d: d.append({"name": "flake", "uri": "https://example.org/x"})),
    ),
    (
        "material-weak-digest",
        "a source has its digest as SHA-1 alone",
        MATERIALS,
        depends(lambda d: d[-1].update(digest={"sha1": "00" * 20})),
    ),
    (
        "no-materials",
        "the provenance names no sources at all",
        MATERIALS,
        claimed(lambda v: v["predicate"]["buildDefinition"].pop("resolvedDependencies"), BUILD),
    ),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in RESULTS + PROVENANCES]
