"""An explanation as text: by file, from cause to effect, then what it probably comes from."""

import itertools

from verifier.explain.findings import Explanation, Finding
from verifier.report.printable import printable


def explanation_lines(explanation: Explanation) -> list[str]:
    """Returns the findings under the names of their files, how many are left out, and the probable cause."""
    lines: list[str] = []
    for (step, path), findings in itertools.groupby(
        explanation.findings, key=lambda one: (one.step, one.path)
    ):
        lines.append(printable(f"{step}: {path}" if step else path))
        lines += [printable(f"  {_line(finding)}") for finding in findings]
    if explanation.left_out:
        lines.append(f"… and {explanation.left_out:,} more")
    if explanation.cause is not None:
        lines.append(printable(f"probable cause: {explanation.cause.sentence}"))
        lines.append(printable(f"  evidence: {explanation.cause.evidence}"))
        lines.append(printable(f"  usual remedy: {explanation.cause.remedy}"))
    elif explanation.findings:
        lines.append("probable cause: none that is known here")
    return lines


def _line(finding: Finding) -> str:
    return f"{finding.place}: {finding.sentence}" if finding.place else finding.sentence


def explanation_text(first: str, second: str, explanation: Explanation) -> str:
    """Returns the report of `verifier explain`."""
    names = f"{printable(first)} and {printable(second)}"
    if not explanation.findings:
        return f"equal: {names} are the same to the last bit"
    count = len({(one.path, one.place) for one in explanation.findings}) + explanation.left_out
    places = f"{count:,} {'place' if count == 1 else 'places'}"
    return "\n".join([*explanation_lines(explanation), f"different: {names} differ in {places}"])
