"""A run as JUnit XML, in the form that Jenkins' schema describes: a suite for each model, a case for each row.

What was not checked is an error there, for a skipped test counts as passed almost everywhere.
"""

import math
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from verifier.report.alerts import Alert, alert_on, alerts_of
from verifier.report.facts import facts, place_of
from verifier.report.printable import printable
from verifier.report.run import Run, Trouble, Unaffected
from verifier.verdict import REBUILD, Row, Status, Verdict

KINDS = {Status.FAILED: "failure", Status.NOT_CHECKED: "error"}


def junit_xml(run: Run) -> bytes:
    """Returns the document, in UTF-8."""
    top = Element("testsuites", name="verifier check")
    for verdict in run.verdicts:
        _suite_of(top, verdict, run.time)
    for trouble in run.troubles:
        _troubled(top, trouble)
    for one in run.unaffected:
        _unaffected(top, one)
    for count in ("tests", "failures", "errors"):
        top.set(count, str(sum(int(suite.get(count, "0")) for suite in top)))
    indent(top)
    return bytes(tostring(top, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite_of(top: Element, verdict: Verdict, time: str) -> None:
    suite = SubElement(top, "testsuite", name=printable(f"{verdict.model} {verdict.version}"))
    _properties(suite, verdict)
    alert = alert_on(verdict)
    for row in verdict.rows:
        _case(suite, verdict, row, alert(row))
    if not verdict.rows:
        case = SubElement(suite, "testcase", classname=printable(verdict.model), name="checks")
        _said(case, "error", "not checked", "no check was made")
    _count(suite)
    if time:
        suite.set("timestamp", printable(time.removesuffix("Z")))


def _properties(suite: Element, verdict: Verdict) -> None:
    found = {
        "bundle": verdict.bundle,
        "level": verdict.level,
        "unchanged since": verdict.unchanged,
        "revision": verdict.origin and verdict.origin.revision,
        "owner": verdict.owner,
        "escalation": verdict.escalation,
    }
    properties = SubElement(suite, "properties")
    for name, value in found.items():
        if value:
            SubElement(properties, "property", name=name, value=printable(value))


def _case(suite: Element, verdict: Verdict, row: Row, alert: Alert | None) -> None:
    classname, name = printable(f"{verdict.model}.{row.check}"), printable(row.subject) or row.check
    case = SubElement(suite, "testcase", classname=classname, name=name)
    place = place_of(row.place)
    if place:
        case.set("file", printable(place.file))
        case.set("line", str(place.line))
    seconds = _seconds(verdict, row)
    if seconds is not None:
        case.set("time", f"{seconds:.3f}")
    kind = KINDS.get(row.status)
    if kind:
        lines = _lines(alert) if alert else ["a build that it reads differs too: look there first"]
        _said(case, kind, row.check, row.detail, *lines)
        return
    excepted = f" (by exception {row.excepted})" if row.excepted else ""
    said = SubElement(case, "system-out")
    said.text = printable(f"{'warning' if row.warned else 'ok'}: {row.detail}{excepted}")


def _lines(alert: Alert) -> list[str]:
    return [*(f"{label}: {value}" for label, value in facts(alert)), *alert.lines]


def _said(case: Element, kind: str, of: str, message: str, *lines: str) -> None:
    element = SubElement(case, kind, type=printable(of), message=printable(message))
    element.text = "\n".join(map(printable, [message, *lines]))


def _seconds(verdict: Verdict, row: Row) -> float | None:
    """Returns how long the scripts of both builds of a step ran, where the step was built for this verdict."""
    if row.check != REBUILD:
        return None
    builds = verdict.resources.values()
    found = [_number(used.get(row.subject, {})) for used in builds]
    known = [seconds for seconds in found if seconds is not None]
    return sum(known) if known and math.isfinite(sum(known)) else None


def _number(used: Mapping[str, object]) -> float | None:
    seconds = used.get("wall_seconds")
    if isinstance(seconds, (int, float)) and math.isfinite(seconds) and seconds >= 0:
        return float(seconds)
    return None


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    times = [float(case.get("time", "0")) for case in suite.iter("testcase")]
    if any(times) and math.isfinite(sum(times)):
        suite.set("time", f"{sum(times):.3f}")


def _troubled(top: Element, trouble: Trouble) -> None:
    suite = SubElement(top, "testsuite", name=printable(trouble.model))
    case = SubElement(suite, "testcase", classname=f"{printable(trouble.model)}.build", name="build")
    (alert,) = alerts_of(Run(time="", verdicts=(), troubles=(trouble,)))
    _said(case, "error", "build", trouble.sentence, *_lines(alert))
    _count(suite)


def _unaffected(top: Element, one: Unaffected) -> None:
    suite = SubElement(top, "testsuite", name=printable(one.model))
    case = SubElement(suite, "testcase", classname=printable(one.model), name="not affected by the change")
    _said(case, "skipped", "not affected", one.why)
    _count(suite)
