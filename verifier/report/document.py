"""What commands write with --json (schemas: verifier/schemas)."""

from collections.abc import Sequence
from dataclasses import asdict

from verifier.explain.findings import Explanation
from verifier.report.run import Run
from verifier.verdict import Explained, Verdict

VERDICTS = "samebits/verdicts/v2"


def run_document(run: Run) -> dict[str, object]:
    """Returns what `verifier check --json` writes; `stored.py` reads it again."""
    return {
        "schema": VERDICTS,
        "time": run.time,
        "exit_code": run.exit_code,
        "since": run.since,
        "why": dict(run.why),
        "verdicts": [_verdict(verdict) for verdict in run.verdicts],
        "errors": [asdict(one) for one in run.troubles],
        "unaffected": [asdict(one) for one in run.unaffected],
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    explained = [_explained(one) for one in verdict.explained]
    document = {**asdict(verdict), "explained": explained, "verified": verdict.verified}
    for one in ("document", "attested"):  # for a release's own file, and for files of statements
        del document[one]
    for row in document["rows"]:
        del row["excepted"]  # no policy is asked here
    return document


def _explained(one: Explained) -> dict[str, object]:
    drawn = {"tensors": [asdict(t) for t in one.tensors], "partings": [asdict(p) for p in one.partings]}
    return {
        "subject": one.subject,
        "replayed": list(one.replayed),
        **_explanation(one.explanation),
        **drawn,
    }


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
