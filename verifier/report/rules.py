"""What each check says and what to do where it fails, for reports that explain themselves."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A check: a sentence on what holds where it passes, and what to do where it does not."""

    holds: str
    remedy: str


RULES = {
    "build": Rule(
        holds="The model can be built and judged.",
        remedy="Read the sentence and its advice: a file is wrong, or this machine lacks something.",
    ),
    "sources": Rule(
        holds="Every source that the build reads is locked, and has the locked sha256.",
        remedy="Fetch again with `builder fetch`; where a source did change, lock it anew and review that.",
    ),
    "rebuild": Rule(
        holds="Two builds from sources in separate stores give the same bits.",
        remedy="Look at the first file that differs; seed or order what moved. See it again with `--again`.",
    ),
    "rebuilder": Rule(
        holds="A build on another machine gives the same bits.",
        remedy="Compare both outputs with `verifier explain`: mostly it is the cores or the kind of CPU.",
    ),
    "chain": Rule(
        holds="Each claimed chunk of a training says that it goes on from the claimed one before.",
        remedy="The claim was put together from two trainings, or a checkpoint was changed: claim it anew.",
    ),
    "variation": Rule(
        holds="The steps give the same bits in other surroundings: clock, cores, locale, paths and others.",
        remedy="The subject names what was changed: make the step independent of it; see it with `--vary`.",
    ),
    "bundle": Rule(
        holds="The bundle holds the files that its manifest lists, and no others.",
        remedy="Build again; a file that was changed after the build fails here.",
    ),
    "store paths": Rule(
        holds="No file of the bundle names a path of the build machine's store.",
        remedy="Write names relative to the bundle; the listed files name such a path.",
    ),
    "times": Rule(
        holds="No archive of the bundle has a time in its headers.",
        remedy="Set the time in the headers to zero where the archive is written.",
    ),
    "licences": Rule(
        holds="Every file of the toolchain and of the data states a licence.",
        remedy="State the licence in the request or in data.yaml.",
    ),
    "data": Rule(
        holds="Digests, rows and labels of the data fit each other and the release of this version.",
        remedy="Where data moved on purpose, raise the version and release it.",
    ),
    "serialisation": Rule(
        holds="The weights, loaded and saved again, have the same bytes.",
        remedy="Save weights as safetensors without metadata.",
    ),
    "inference": Rule(
        holds="The bundle's own code and weights give its golden outputs to the last bit.",
        remedy="Run the bundle's predict script by itself, and compare.",
    ),
    "replay": Rule(
        holds="A second training leaves the same trace.",
        remedy="Find the step that parts with `verifier compare --steps`; `--replay` names the tensor.",
    ),
    "release": Rule(
        holds="The bits are those of the release of this version.",
        remedy="Bits that change want another version: raise it in model.nix, then release.",
    ),
    "metric": Rule(
        holds="The metric is as the contract and the release before allow.",
        remedy="Look at what changed since the release before: `verifier history`. Limits are in the contract.",
    ),
    "prediction": Rule(
        holds="Predictions of both builds are as close as the contract says.",
        remedy="Find out what moved with `verifier explain`, or narrow what the contract allows.",
    ),
    "resource": Rule(
        holds="Time, memory, threads and device are as declared and within the contract's limits.",
        remedy="Look at what the step did since the release before; the contract has the limits.",
    ),
}
# Of a check that this version does not know: a stored file may be of a newer one.
UNKNOWN = Rule(holds="A check of another version of the verifier passes.", remedy="Read its detail.")


def rule_of(check: str) -> Rule:
    """Returns the rule of a check."""
    return RULES.get(check, UNKNOWN)


def identifier_of(check: str) -> str:
    """Returns the name of a check for machines, such as `store-paths`."""
    return re.sub(r"[^a-z0-9]+", "-", check.lower()).strip("-") or "check"
