"""The verdict as JSON (schema: verifier/schemas), written whole or not at all."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from verifier.errors import VerifierError
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
    return {**asdict(verdict), "explained": explained, "verified": verdict.verified}


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


def write_document(document: dict[str, object], target: str) -> None:
    """Writes to the file `target`, beside first and then by rename; `-` is stdout.

    Raises:
        OSError: the place cannot be written.
    """
    # A file's name need not be text; what of it is not gets its escape, \udc80 and the like.
    readable = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    text = readable.encode("utf-8", "backslashreplace").decode("utf-8")
    if target == "-":
        sys.stdout.write(text)
        return
    path = Path(target).resolve()
    if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
        path.write_text(text, encoding="utf-8")
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
