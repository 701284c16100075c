"""A run as SARIF 2.1.0 (OASIS, with errata 01), in the subset that GitHub's code scanning reads: alerts alone.

An alert keeps its fingerprint over versions, bundles and lines, so that code scanning knows it again.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from urllib.parse import quote

from verifier.report.alerts import Alert, alerts_of
from verifier.report.facts import MARKS, cut, facts, place_of
from verifier.report.printable import counted
from verifier.report.rules import RULES, identifier_of, rule_of
from verifier.report.run import Run
from verifier.verdict import METRIC, REBUILD, REBUILDER, VARIATION, Place, Status

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub keeps so many results of a run and drops the others without a word.
MOST_RESULTS = 5_000
LONGEST_LINE = 1_000
LEVELS = {Status.FAILED: "error", Status.NOT_CHECKED: "error", Status.PASSED: "warning"}
# Where nobody knows a line: code scanning shows no result without one.
ANYWHERE = Place(file="flake.nix", line=1)
# Checks of which a model has several rows, told apart by their subjects; elsewhere a subject is a count of files.
NAMED = (REBUILD, REBUILDER, VARIATION, METRIC, "resource")


def sarif_document(run: Run) -> dict[str, object]:
    """Returns the document: one run, with a rule for each check and a result for each alert."""
    alerts = alerts_of(run)
    checks = list(dict.fromkeys([*RULES, *(alert.check for alert in alerts)]))
    identifiers = list(dict.fromkeys(map(identifier_of, checks)))
    named = {identifier_of(check): check for check in reversed(checks)}
    driver = {
        "name": "Samebits verifier",
        "semanticVersion": version("samebits"),
        "rules": [_rule(identifier, named[identifier]) for identifier in identifiers],
    }
    seen: Counter[str] = Counter()
    indices = {identifier: index for index, identifier in enumerate(identifiers)}
    results = [_result(alert, indices, seen) for alert in alerts[:MOST_RESULTS]]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [_invocation(run, len(alerts) - len(results))],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _rule(identifier: str, check: str) -> dict[str, object]:
    rule = rule_of(check)
    name = "".join(word.capitalize() for word in identifier.split("-"))
    return {
        "id": identifier,
        "name": name,
        "shortDescription": {"text": rule.holds},
        "fullDescription": {"text": rule.holds},
        "help": {
            "text": f"{rule.holds} {rule.remedy}",
            "markdown": f"**It should hold:** {rule.holds}\n\n**Where it does not:** {rule.remedy}",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["reproducibility"], "precision": "very-high", "problem.severity": "error"},
    }


def _result(alert: Alert, indices: Mapping[str, int], seen: Counter[str]) -> dict[str, object]:
    identifier = identifier_of(alert.check)
    known = facts(alert)
    lines = [
        cut(f"{MARKS[alert.status]}: {alert.sentence}", LONGEST_LINE),
        *(f"{label}: {value}" for label, value in known),
        *(cut(line, LONGEST_LINE) for line in alert.lines),
    ]
    return {
        "ruleId": identifier,
        "ruleIndex": indices[identifier],
        "level": LEVELS[alert.status],
        "message": {"text": "\n".join(map(_plain, lines))},
        "locations": [_location(alert)],
        "partialFingerprints": _fingerprints(alert, seen),
        "properties": {
            "status": alert.status.value,
            "model": cut(alert.model),
            "version": cut(alert.version),
            **dict(known),
        },
    }


def _plain(line: str) -> str:
    """Returns a line in which nothing is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    return re.sub(r"\{(\d+)\}", r"{{\1}}", line).replace("](", "] (")


def _location(alert: Alert) -> dict[str, object]:
    place = place_of(alert.place) or ANYWHERE
    uri = quote(place.file, safe="/", errors="replace")
    name = "/".join(cut(part) for part in (alert.model, alert.step) if part)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line},
        },
        "logicalLocations": [{"fullyQualifiedName": name, "kind": "module"}],
    }


def _fingerprints(alert: Alert, seen: Counter[str]) -> dict[str, str]:
    subject = alert.test if alert.check in NAMED else alert.check
    parts = "\0".join((alert.model, alert.check, subject, alert.step))
    digest = hashlib.sha256(parts.encode(errors="backslashreplace")).hexdigest()[:32]
    seen[digest] += 1
    # GitHub reads the first alone; it has the form that GitHub's own uploader would fill in.
    return {"primaryLocationLineHash": f"{digest}:{seen[digest]}", "samebits/v1": f"{digest}:{seen[digest]}"}


def _invocation(run: Run, left_out: int) -> dict[str, object]:
    notes: list[dict[str, object]] = [
        {"level": "error", "message": {"text": _plain(cut(f"{one.model}: {one.sentence}", LONGEST_LINE))}}
        for one in run.troubles[:MOST_RESULTS]
    ]
    if left_out:
        notes += [{"level": "warning", "message": {"text": f"{counted(left_out, 'alert')} left out here"}}]
    return {
        "executionSuccessful": not run.troubles,
        "exitCode": run.exit_code,
        **({"endTimeUtc": run.time} if run.time else {}),
        "toolExecutionNotifications": notes,
    }
