"""Explains two trees: every file that differs is looked into, from cause to effect."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from verifier.bundle import MANIFEST
from verifier.compare import Pair, Unlike, differences
from verifier.errors import BadInput
from verifier.explain.causes import cause_of
from verifier.explain.findings import Allowance, Context, Explanation, Fact, Finding, found
from verifier.explain.kinds import explain_files
from verifier.explain.places import place_of
from verifier.trace import DECISIONS, STEPS, TENSORS

UNPACKED_BYTES = 2 << 30
# Beyond these nothing is looked into: each other file counts as one.
MOST_EXAMINED = 1000
# Those of one moment: the step, then what was decided after it, then what the tensors were after it.
TRACE = (STEPS, DECISIONS, TENSORS)


def explain_trees(first: Path, second: Path, *, limit: int = 20) -> Explanation:
    """Returns what differs in two files or folders, the first `limit` findings of it, and a probable cause.

    Raises:
        BadInput: one of the two does not exist or cannot be read.
    """
    unlike = differences(first, second)
    bundles = [(tree / MANIFEST).is_file() for tree in (first, second)]
    ranked = sorted(unlike, key=lambda one: _rank(one, bundle=all(bundles)))
    findings = _one_bundle(first, second, bundles) if unlike else []
    left_out = 0
    context = Context(inner=explain_files, allowance=Allowance(UNPACKED_BYTES))
    try:
        for _, group in itertools.groupby(ranked, key=lambda one: _rank(one, bundle=all(bundles))):
            if len(findings) >= MOST_EXAMINED:
                left_out += sum(1 for _ in group)
                continue
            told = _told(list(group), replace(context, programs=len(findings) < limit), all(bundles))
            findings += itertools.islice(told, MOST_EXAMINED)
            left_out += sum(1 for _ in told)
    except PermissionError as error:
        raise BadInput(f"{error.filename} cannot be read", advice="Correct its permissions.") from error
    return Explanation(
        findings=tuple(findings[:limit]),
        left_out=left_out + len(findings[limit:]),
        cause=cause_of(findings),
    )


def _rank(unlike: Unlike, *, bundle: bool) -> tuple[int, str, str]:
    """Returns what orders files from cause to effect; it is the same for the files of one trace, and no others."""
    path = PurePosixPath(unlike.pair.name)
    trace = "" if path.name in TRACE else path.name
    rank = place_of(unlike.pair.name, bundle=bundle)[0]
    return rank - (not bundle and not trace), path.parent.as_posix(), trace


def _told(group: list[Unlike], context: Context, bundle: bool) -> Iterator[Finding]:
    findings = itertools.chain.from_iterable(_of_one(unlike, context, bundle) for unlike in group)
    return iter(sorted(filter(_not_only_its_digest, findings), key=_moment)) if len(group) > 1 else findings


def _not_only_its_digest(finding: Finding) -> bool:
    """Returns whether a finding says more than that decisions.json has the digest of steps that differ."""
    return PurePosixPath(finding.path).name != DECISIONS or bool(finding.facts or finding.place)


def _moment(finding: Finding) -> tuple[float, int]:
    name = PurePosixPath(finding.path).name
    step = float("inf") if finding.training_step is None else finding.training_step
    return step, TRACE.index(name) if name in TRACE else len(TRACE)


def _of_one(unlike: Unlike, context: Context, bundle: bool) -> Iterator[Finding]:
    _, place = place_of(unlike.pair.name, bundle=bundle)
    findings = iter([_said(unlike)]) if unlike.offset is None else explain_files(unlike.pair, context)
    if bundle and unlike.pair.name == MANIFEST:
        findings = _without_files(findings)
    for finding in findings:
        yield replace(finding, step=place.step, facts=finding.facts | place.facts(finding.place))


def _without_files(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yields what differs in two manifests; of sizes and hashes, which follow from the files, that they do."""
    said = False
    for finding in findings:
        if not finding.place.startswith("$.files"):
            yield finding
        elif not said:
            said = True
            sentence = "the list of files differs, as the files do"
            yield replace(finding, place="$.files", sentence=sentence, facts=frozenset())


def _said(unlike: Unlike) -> Finding:
    words = unlike.words
    facts = [Fact.MODE] if words.startswith("executable") else []
    facts += [Fact.PRESENCE] if words.startswith(("missing", "extra")) else []
    compiled = Fact.PRESENCE in facts and "__pycache__" in PurePosixPath(unlike.pair.name).parts
    facts += [Fact.BYTECODE] if compiled else []
    return found(unlike.pair, "", words, *facts)


def _one_bundle(first: Path, second: Path, bundles: list[bool]) -> list[Finding]:
    if bundles[0] == bundles[1]:
        return []
    which = "first" if bundles[0] else "second"
    sentence = f"the {which} alone is a bundle; they are compared file by file"
    return [found(Pair(first=first, second=second, name="."), "", sentence)]
