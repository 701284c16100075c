"""Test results: what the evaluation gave, and what comparing the builds came to.

Format: in-toto attestation, predicates/test-result.md, v0.1. The level is named in `configuration`: two builds on
one machine are DETERMINISTIC and no more; SLSA's own levels speak of independent builders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from verifier.chain.sample import is_drawn, sample_words
from verifier.signing.contents import Contents
from verifier.signing.envelope import Json
from verifier.signing.reasons import Reason, Refused, shown
from verifier.signing.statement import Statement
from verifier.verdict import BITWISE, BY_SAMPLE, Sample, Status

PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
EVALUATION, REBUILD = "evaluation", "rebuild"
DETERMINISTIC, WITHIN_TOLERANCE, SAMPLED = "DETERMINISTIC", "WITHIN_TOLERANCE", "BY_SAMPLE"
# How a row of a verdict that tried a variation begins, in the list of what passed.
VARIATION = "variation "
PASSED, FAILED = "PASSED", "FAILED"
SAMPLE_MEMBERS = {"manifest_sha256", "nonce", "fresh", "chunks", "of"}
MEMBERS = {"result", "configuration", "url", "passedTests", "warnedTests", "failedTests"}


def evaluation(contents: Contents) -> Statement:
    """Returns the statement on the metrics that the evaluation gave."""
    metrics = contents.files["metrics.json"].sha256.hex()
    scalars = cast(Json, contents.documents["metrics"]["scalars"])
    resource: Json = {
        "name": "metrics.json",
        "digest": {"sha256": metrics},
        "annotations": {"kind": EVALUATION, "scalars": scalars},
    }
    return _statement(contents, resource, passed=sorted(scalars), failed=[])


def rebuild(contents: Contents, verdict: Json) -> Statement:
    """Returns the statement on what a verdict of `verifier check --json` says of the two builds."""
    rows = cast(list[Mapping[str, str]], verdict["rows"])
    names = {
        status: [f"{r['check']} {r['subject']}" for r in rows if r["status"] == status] for status in Status
    }
    failed = names[Status.FAILED] + names[Status.NOT_CHECKED]
    annotations: Json = {"kind": REBUILD, "surroundings": verdict["surroundings"]}
    sample = verdict.get("sample")
    if verdict["level"] == BY_SAMPLE and isinstance(sample, dict) and not failed:
        annotations |= {"level": SAMPLED, "sample": {**sample, "chunks": list(sample["chunks"])}}
    elif verdict["verified"] is True:
        annotations["level"] = DETERMINISTIC if verdict["level"] == BITWISE else WITHIN_TOLERANCE
    origin = cast(Json, verdict["origin"])
    resource: Json = {"name": "derivation", "uri": origin["derivation"], "annotations": annotations}
    return _statement(
        contents,
        resource,
        passed=names[Status.PASSED],
        failed=failed,
    )


def _statement(contents: Contents, resource: Json, *, passed: list[str], failed: list[str]) -> Statement:
    predicate: Json = {
        "result": FAILED if failed else PASSED,
        "configuration": [resource],
        "passedTests": passed,
        "failedTests": failed,
    }
    return Statement(
        name=contents.identifier, sha256=contents.root, predicate_type=PREDICATE_TYPE, predicate=predicate
    )


def judge_result(statement: Statement, contents: Contents) -> tuple[str, str]:
    """Returns the kind of a test result, and what it says in words.

    Raises:
        Refused: the test did not pass, or it is about other metrics, or in another form.
    """
    predicate = statement.predicate
    configuration = predicate.get("configuration")
    if (
        not isinstance(configuration, list)
        or len(configuration) != 1
        or not isinstance(configuration[0], dict)
    ):
        raise Refused(Reason.UNKNOWN_FORMAT, "the test result does not name one thing that was tested")
    annotations = configuration[0].get("annotations")
    kind = annotations.get("kind") if isinstance(annotations, dict) else None
    if not isinstance(annotations, dict) or kind not in (EVALUATION, REBUILD):
        raise Refused(Reason.UNKNOWN_TYPE, "the test result is neither of an evaluation nor of a rebuild")
    if not predicate.keys() <= MEMBERS:
        raise Refused(Reason.UNKNOWN_FORMAT, "the test result has other members than its format")
    failed = predicate.get("failedTests")
    if predicate.get("result") != PASSED or failed != []:
        raise Refused(Reason.TEST_FAILED, f"the {kind} has the result {shown(predicate.get('result'))}")
    if kind == REBUILD:
        return REBUILD, _rebuild_words(annotations, contents)
    scalars = annotations.get("scalars")
    named = configuration[0].get("digest"), _typed(scalars)
    metrics = contents.files["metrics.json"].sha256.hex()
    if named != ({"sha256": metrics}, _typed(contents.documents["metrics"]["scalars"])):
        raise Refused(Reason.CONTENTS_DIFFER, "the evaluation has other metrics than the bundle")
    return EVALUATION, "the bundle's own metrics"


def _typed(scalars: object) -> object:
    """Returns the scalars with their types: in Python true is 1."""
    return {name: (type(v), v) for name, v in scalars.items()} if isinstance(scalars, dict) else None


def _rebuild_words(annotations: Json, contents: Contents) -> str:
    level = annotations.get("level")
    if level == DETERMINISTIC:
        return f"{DETERMINISTIC}: two builds on one machine, equal to the last bit"
    if level == WITHIN_TOLERANCE:
        return f"{WITHIN_TOLERANCE}: two builds on one machine, as near as the contract asks"
    if level == SAMPLED:
        sample = _sample(annotations)
        if sample.manifest_sha256 != contents.manifest:
            raise Refused(Reason.CONTENTS_DIFFER, "the rebuild by sample was drawn for another bundle")
        return f"{SAMPLED}: {sample_words(sample)}"
    raise Refused(Reason.UNKNOWN_FORMAT, f"the rebuild claims the level {shown(level)}")


def _sample(annotations: Json) -> Sample:
    """Returns the sample that a rebuild by sample says it is.

    Raises:
        Refused: it says something else.
    """
    said = annotations.get("sample")
    found = said if isinstance(said, dict) and said.keys() == SAMPLE_MEMBERS else {}
    chunks, of = found.get("chunks"), found.get("of")
    fit = (
        type(of) is int
        and isinstance(chunks, list)
        and all(type(number) is int and 1 <= number <= of for number in chunks)
        and 1 <= len(chunks) == len(set(chunks))
        and isinstance(found["fresh"], bool)
        and all(isinstance(found[name], str) for name in ("manifest_sha256", "nonce"))
    )
    if not fit:
        raise Refused(Reason.UNKNOWN_FORMAT, "the rebuild by sample does not say which chunks it drew")
    sample = Sample(**{**found, "chunks": tuple(cast(list[int], chunks))})
    if not is_drawn(sample):
        raise Refused(Reason.UNKNOWN_FORMAT, "the rebuild by sample names other chunks than its nonce draws")
    return sample


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What a rebuild that passed says: how far the builds agree, and under which variations.

    `sample` is set where chunks were drawn, and no others rebuilt.
    """

    level: str
    variations: frozenset[str]
    sample: Sample | None = None


def rebuild_facts(statement: Statement) -> Rebuilt:
    """Returns what a rebuild says that `judge_result` has accepted."""
    (resource,) = cast(list[Json], statement.predicate["configuration"])
    passed = statement.predicate.get("passedTests")
    names = [str(name) for name in passed] if isinstance(passed, list) else []
    annotations = cast(Json, resource["annotations"])
    level = str(annotations["level"])
    return Rebuilt(
        level=level,
        sample=_sample(annotations) if level == SAMPLED else None,
        variations=frozenset(n.removeprefix(VARIATION) for n in names if n.startswith(VARIATION)),
    )
