"""What explaining gives: findings, which are measured, and a cause, which is probable."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from verifier.compare import Pair
from verifier.explain.bounded import shortened

LONGEST_PLACE, LONGEST_SENTENCE = 200, 1000


class Fact(StrEnum):
    """What a finding shows beyond its sentence; the rules for causes read nothing else."""

    CODE = "other code"
    PARAMETERS = "other parameters"
    TOOLCHAIN = "another toolchain"
    DATA = "other data"
    SEED = "another seed"
    SEEDS_AGREE = "the seeds agree"
    DECISION = "another decision"
    INITIAL = "before the first step"
    BATCH = "another batch"
    BATCH_ELSEWHERE = "the batch comes elsewhere in the other"
    LEARNING_RATE = "another learning rate"
    LOSS = "another loss"
    GRADIENT = "another gradient"
    LENGTH = "another number of steps"
    NOTED_TENSORS = "another digest of a tensor"
    DAMAGED = "a damaged file"
    ROUNDING = "looks like rounding"
    VALUES = "other values"
    NOT_FINITE = "NaN or infinite in one only"
    LAYOUT = "the same values laid out otherwise"
    METADATA_ORDER = "the same metadata in another order"
    ORDER = "the same things in another order"
    ADDRESS = "an address in memory"
    TEMPORARY = "a temporary name"
    PROCESS = "a process id"
    CLOCK = "a date or a time"
    ARCHIVE_TIME = "a time in an archive"
    OWNER = "an owner in an archive"
    COMPRESSION = "the same content compressed otherwise"
    MODE = "other permissions"
    PRESENCE = "in one only"
    BYTECODE = "Python's byte code in one only"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that differs.

    `path` is relative to the trees, members of archives are `a.zip!inner/file`; `place` is where inside, empty
    for the whole file; `step` is the step of the model that writes the file, empty where nobody can tell;
    `training_step` is how many steps of the training were done, or begun, where a trace parts.
    """

    path: str
    place: str
    sentence: str
    facts: frozenset[Fact] = frozenset()
    step: str = ""
    training_step: int | None = None


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why it may be, what speaks for it, and what usually helps."""

    sentence: str
    evidence: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The first findings, in the order of cause and effect; `left_out` counts the others."""

    findings: tuple[Finding, ...]
    left_out: int
    cause: Cause | None


class OtherKind(ValueError):
    """A file is not of the kind that its name promises, or too much for its reader; the sentence says why."""


class Allowance:
    """How much may still be unpacked, over all archives of two trees together."""

    def __init__(self, unpacked_bytes: int) -> None:
        self.left = unpacked_bytes

    def take(self, count: int) -> None:
        """Takes `count` bytes from what is left.

        Raises:
            OtherKind: that is more than is left.
        """
        if count > self.left:
            raise OtherKind("unpacked it is larger than what is looked at")
        self.left -= count


Explainer: TypeAlias = "Callable[[Pair, Context], Iterator[Finding]]"


@dataclass(frozen=True, kw_only=True)
class Context:
    """What explainers need beside the pair: how to explain what is inside an archive, and how far to go."""

    inner: Explainer
    allowance: Allowance
    depth: int = 0
    programs: bool = True


def found(pair: Pair, place: str, sentence: str, *facts: Fact) -> Finding:
    """Returns a finding in a pair of files; names and values without end are cut."""
    return Finding(
        path=pair.name,
        place=shortened(place, LONGEST_PLACE),
        sentence=shortened(sentence, LONGEST_SENTENCE),
        facts=frozenset(facts),
    )
