"""The verdict: rows, one a check; every report is drawn from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from verifier.explain.findings import Explanation
from verifier.explain.pictured import Parting, TensorDifference

METRIC = "metric"
# Which builds are chunks of a training, by what a person calls them.
CHUNK = re.compile(r"train-[1-9][0-9]*")
# The checks that compare builds; the row for what only several variations move; and what stands between a step and
# the variation that moved it, in the subject of a kept pair.
REBUILD, VARIATION, REBUILDER, CHAIN = "rebuild", "variation", "rebuilder", "chain"
TOGETHER = "several at once"
# How far the two builds agree.
BITWISE, WITHIN_TOLERANCE = "bitwise", "within tolerance"
# Not how far, but how much: chunks of the training that were drawn, and no others, were rebuilt.
BY_SAMPLE = "by sample"
# Where an output came from.
BUILT, PRESENT, SUBSTITUTED = "built here", "already present", "from a cache"
CLAIMED = "claimed"
UNDER, ON = " under ", " on "


class Status(StrEnum):
    """What a check came to; *not checked* never counts as passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of a file that somebody wrote; `file` is relative to the repository, lines are counted from 1."""

    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One check of one subject.

    `first` and `second` say where the two builds' outputs came from; `inherited` marks a difference that an
    earlier step explains. `differences` lists files, `first_sha256` and `second_sha256` are NAR hashes.
    `reason` is the code of a refusal (signing/reasons.py). `warned` marks a check that passed and still wants a
    person's eye; `excepted` names the exception of a policy by which alone it passed. `place` is the line to look
    at where it did not pass, or warned.
    """

    check: str
    subject: str
    status: Status
    detail: str
    first: str = ""
    second: str = ""
    inherited: bool = False
    warned: bool = False
    first_sha256: str | None = None
    second_sha256: str | None = None
    reason: str | None = None
    excepted: str | None = None
    place: Place | None = None
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where both outputs of a differing step lie, for a closer look.

    `steps` is set where the second is only the trace of so many training steps.
    """

    subject: str
    first: str
    second: str
    steps: int | None = None


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What moved in a kept pair, from step to tensor; `replayed` is what a replay of the training showed.

    `tensors` and `partings` are there to be drawn: how far tensors differ, and how two trainings went on.
    """

    subject: str
    explanation: Explanation
    replayed: tuple[str, ...] = ()
    tensors: tuple[TensorDifference, ...] = ()
    partings: tuple[Parting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Times:
    """When a build began and ended, as RFC 3339 in UTC, and the version of the Nix that made it."""

    started: str
    finished: str
    nix: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """From what a model was built: its derivation, and the flake with its revision if that is in no doubt.

    `first` and `second` are set of the builds that were made for this verdict.
    """

    derivation: str
    flake: str
    revision: str | None = None
    first: Times | None = None
    second: Times | None = None


@dataclass(frozen=True, kw_only=True)
class Attested:
    """What a rebuilder states of its own build of the bundle with that identifier and digest (hex) of all files.

    `statements` are sigstore bundles by the names of their files.
    """

    bundle: str
    root: str
    statements: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Which chunks of a training were rebuilt, of how many, numbered from 1, and what they were drawn by.

    `manifest_sha256` fixes the claim, `nonce` (hex) was drawn after that; where it was given instead, it is not
    `fresh`, and whoever made the claim may have known it.
    """

    manifest_sha256: str
    nonce: str
    fresh: bool
    chunks: tuple[int, ...]
    of: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All rows of one model, and what the builds used; times in seconds, sizes in bytes.

    `level` is how far two builds agree: a contract may allow less than every bit (docs/reference/contract.md).
    `unchanged` is the date on which this machine saw the same derivation pass, where nothing was built for this;
    `document` is what a release of it would say, where something was; `attested` is what rebuilders say
    themselves. `sample` is set where `level` is *by sample*, which is never *verified*. `owner` and `escalation`
    are those of the contract, empty where it names none; `metrics` are what the first build measured, by name.
    """

    model: str
    version: str
    rows: tuple[Row, ...]
    bundle: str | None
    path: str
    surroundings: str
    kept: tuple[Kept, ...] = ()
    explained: tuple[Explained, ...] = ()
    origin: Origin | None = None
    level: str = BITWISE
    unchanged: str | None = None
    document: Mapping[str, object] | None = None
    attested: tuple[Attested, ...] = ()
    sample: Sample | None = None
    owner: str = ""
    escalation: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    resources: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """True if there is a row, and every one passed: by sample, what was drawn."""
        return bool(self.rows) and all(row.status is Status.PASSED for row in self.rows)

    @property
    def verified(self) -> bool:
        """True if everything passed, and everything was looked at."""
        return self.passed and self.level != BY_SAMPLE

    @property
    def warned(self) -> bool:
        """True if a row that passed still wants a person's eye."""
        return any(row.warned for row in self.rows)

    @property
    def first_failure(self) -> Row | None:
        """The first row that failed of itself."""
        failed = (row for row in self.rows if row.status is Status.FAILED and not row.inherited)
        return next(failed, None)

    @property
    def exit_code(self) -> int:
        """0 all that was asked for passed, 1 a check failed, 3 something was not checked."""
        if self.passed:
            return 0
        return 1 if self.first_failure else 3


def amount(count: int, size: int) -> str:
    """Returns how many files there are and how large they are together, given in bytes."""
    return f"{count} files, {size / 1e6:.1f} MB"


def step_of(subject: str) -> str:
    """Returns the step that a build belongs to: `train` for its chunk `train-3`, else what it is called."""
    step, _, number = subject.partition("-")
    return step if step == "train" and number.isdigit() else subject
