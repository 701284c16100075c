"""The verdict as JSON (schema: verifier/schemas)."""

from collections.abc import Sequence
from dataclasses import asdict

from verifier.errors import BadInput, VerifierError
from verifier.explain.findings import Explanation
from verifier.verdict import Verdict

Failure = tuple[str, VerifierError]


def verdicts_document(
    verdicts: Sequence[Verdict], errors: Sequence[Failure], exit_code: int
) -> dict[str, object]:
    """Returns what `verifier check --json` writes."""
    return {
        "schema": "samebits/verdicts/v1",
        "exit_code": exit_code,
        "verdicts": [_verdict(verdict) for verdict in verdicts],
        "errors": [
            {
                "model": model,
                "sentence": error.sentence,
                "advice": error.advice,
                "exit_code": error.exit_code,
            }
            for model, error in errors
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    explained = [
        {"subject": one.subject, "replayed": list(one.replayed), **_explanation(one.explanation)}
        for one in verdict.explained
    ]
    document = {**asdict(verdict), "explained": explained, "verified": verdict.verified}
    for one in ("document", "attested"):  # for a release's own file, and for files of statements
        del document[one]
    for row in document["rows"]:
        del row["excepted"]  # no policy is asked here
    return document


def comparison_document(first: str, second: str, differences: Sequence[str]) -> dict[str, object]:
    """Returns what `verifier compare --json` writes."""
    return {
        "schema": "samebits/comparison/v1",
        "first": first,
        "second": second,
        "equal": not differences,
        "differences": list(differences),
    }


def explanation_document(first: str, second: str, explanation: Explanation) -> dict[str, object]:
    """Returns what `verifier explain --json` writes."""
    return {
        "schema": "samebits/explanation/v1",
        "first": first,
        "second": second,
        "equal": not explanation.findings,
        **_explanation(explanation),
    }


def _explanation(explanation: Explanation) -> dict[str, object]:
    return {
        "findings": [{**asdict(one), "facts": sorted(one.facts)} for one in explanation.findings],
        "left_out": explanation.left_out,
        "probable_cause": None if explanation.cause is None else asdict(explanation.cause),
    }


def exit_code(verdicts: Sequence[Verdict], errors: Sequence[Failure]) -> int:
    """Returns 1 if any check failed, else the gravest of the errors, else what was not checked, else 0."""
    codes = [verdict.exit_code for verdict in verdicts] + [error.exit_code for _, error in errors]
    return 1 if 1 in codes else max(codes, default=BadInput.exit_code)
