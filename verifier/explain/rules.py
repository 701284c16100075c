"""The rules for probable causes, as a table. A rule sees facts alone, which the explainers state."""

from dataclasses import dataclass

from verifier.explain.findings import Fact


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One cause: which facts one finding must have, which it must not, and whether its file may differ otherwise.

    `alone`: every finding in the same file must have the facts, members of an archive included.
    """

    name: str
    needs: frozenset[Fact]
    lacks: frozenset[Fact] = frozenset()
    alone: bool = False
    sentence: str
    remedy: str


def _rule(
    name: str, *needs: Fact, lacks: tuple[Fact, ...] = (), alone: bool = False, sentence: str, remedy: str
) -> Rule:
    return Rule(
        name=name,
        needs=frozenset(needs),
        lacks=frozenset(lacks),
        alone=alone,
        sentence=sentence,
        remedy=remedy,
    )


ARITHMETIC = (
    "Build with the profile `portable`, which pins instruction set and threads (docs/concepts/determinism.md); "
    "for `native`, compare on the same kind of processor with the same number of threads."
)
DRAWS = (
    "Seed every generator from params.yaml, also those that a library makes for itself, "
    "and draw in the same order in each run."
)

RULES = (
    # What goes in.
    _rule("toolchain", Fact.TOOLCHAIN, sentence="the toolchains differ", remedy="Build both with one lock."),
    _rule(
        "parameters",
        Fact.PARAMETERS,
        sentence="the parameters differ",
        remedy="Build both with one params.yaml.",
    ),
    _rule(
        "code", Fact.CODE, sentence="the code differs", remedy="Build both from one revision of the model."
    ),
    _rule(
        "data",
        Fact.DATA,
        sentence="the data differ: other sources, or `prepare` made something else of them",
        remedy="Compare the data locks first, then the two outputs of `prepare`.",
    ),
    # The training, from its beginning on.
    _rule("seed", Fact.SEED, sentence="the seeds differ", remedy="Set one seed in params.yaml."),
    _rule(
        "decision",
        Fact.DECISION,
        sentence="the trainings were set up differently",
        remedy="Build both from one revision; else look for what is read from the machine, such as its cores.",
    ),
    _rule(
        "initialisation",
        Fact.INITIAL,
        Fact.SEEDS_AGREE,
        sentence="initialisation: the weights differ before the first step although the seeds agree",
        remedy=f"Draw weights after seeding, and from a seeded generator. {DRAWS}",
    ),
    _rule(
        "initialisation, seeds unknown",
        Fact.INITIAL,
        lacks=(Fact.SEEDS_AGREE,),
        sentence="initialisation: the weights differ before the first step",
        remedy=DRAWS,
    ),
    _rule(
        "order of data",
        Fact.BATCH,
        Fact.BATCH_ELSEWHERE,
        sentence="the order of the data: the same batch comes at another step",
        remedy="Give the loader or sampler a seeded generator of its own; sort what comes from a folder or a set.",
    ),
    _rule(
        "data of a batch",
        Fact.BATCH,
        lacks=(Fact.BATCH_ELSEWHERE,),
        sentence="the loader: a batch holds something else, before any arithmetic of the model",
        remedy="Seed shuffling, augmentation and each worker; sort what is listed from a folder or a set.",
    ),
    _rule(
        "schedule",
        Fact.LEARNING_RATE,
        sentence="the schedule: the learning rate differs while the batches agree",
        remedy="Let the schedule depend on the step alone, not on time or on a measured loss.",
    ),
    _rule(
        "arithmetic, forward",
        Fact.LOSS,
        Fact.ROUNDING,
        sentence="arithmetic (instruction set, threads): the batch is equal, the loss differs by rounding",
        remedy=ARITHMETIC,
    ),
    _rule(
        "arithmetic, backward",
        Fact.GRADIENT,
        Fact.ROUNDING,
        sentence="arithmetic (sums over threads): batch and loss are equal, the gradient differs by rounding",
        remedy=f"{ARITHMETIC} On a GPU use deterministic algorithms.",
    ),
    _rule(
        "draw in the model",
        Fact.LOSS,
        Fact.VALUES,
        sentence="a random draw in the model, such as dropout, or state that is not in the batch",
        remedy=DRAWS,
    ),
    _rule(
        "draw in the backward pass",
        Fact.GRADIENT,
        Fact.VALUES,
        sentence="the backward pass: batch and loss are equal, the gradient is another",
        remedy="Look for memory used before it is written, and for functions with a backward pass of their own.",
    ),
    _rule(
        "length",
        Fact.LENGTH,
        sentence="one training ended earlier: it stops by time, or by a measured value",
        remedy="Let the number of steps depend on params.yaml alone.",
    ),
    _rule(
        "update",
        Fact.NOTED_TENSORS,
        lacks=(Fact.INITIAL,),
        sentence="the update: what the steps show is equal, and a tensor differs after them",
        remedy="Look at the optimiser and at buffers, such as running means, that change outside of the gradient.",
    ),
    # Artefacts.
    _rule(
        "clock in an archive",
        Fact.ARCHIVE_TIME,
        alone=True,
        sentence="a clock in an artefact: nothing but times differs in an archive",
        remedy="Write SOURCE_DATE_EPOCH or a constant as the time of each member; for gzip, mtime=0.",
    ),
    _rule(
        "owner in an archive",
        Fact.OWNER,
        sentence="the archive holds who packed it",
        remedy="Set user, group and their numbers to constants when packing.",
    ),
    _rule(
        "metadata order",
        Fact.METADATA_ORDER,
        sentence="safetensors writes metadata in the order of a hash table, which varies with several keys",
        remedy="Write no metadata, or one key alone, such as JSON with sorted keys.",
    ),
    _rule(
        "order",
        Fact.ORDER,
        sentence="the order of a set, of a hash table or of a folder's entries",
        remedy="Sort before writing; give folders' entries to sorted().",
    ),
    _rule(
        "address",
        Fact.ADDRESS,
        sentence="an address in memory: the id() or the default repr of an object",
        remedy="Write what identifies the object, such as its name, not its repr.",
    ),
    _rule(
        "temporary name",
        Fact.TEMPORARY,
        sentence="a temporary name",
        remedy="Write names relative to the output; keep the temporary folder's name out of what is written.",
    ),
    _rule("process id", Fact.PROCESS, sentence="a process id", remedy="Leave it out of what is written."),
    _rule(
        "clock",
        Fact.CLOCK,
        sentence="a clock: a date or a time is written",
        remedy="Leave it out, or write SOURCE_DATE_EPOCH, which the profile sets.",
    ),
    _rule(
        "arithmetic",
        Fact.ROUNDING,
        sentence="arithmetic: values differ by rounding (instruction set, threads, order of sums)",
        remedy=ARITHMETIC,
    ),
    _rule(
        "layout",
        Fact.LAYOUT,
        sentence="the same values, written in another order or form: another writer, or the order of a set",
        remedy="Write with one version of the library, with names sorted.",
    ),
    _rule(
        "compression",
        Fact.COMPRESSION,
        sentence="the same content compressed by another program, version or level",
        remedy="Name the level, and take the compressor from the toolchain.",
    ),
    _rule(
        "byte code",
        Fact.BYTECODE,
        sentence="Python wrote byte code beside modules that it imported, in one of the two",
        remedy="Set PYTHONDONTWRITEBYTECODE=1, and let nothing run from a finished output.",
    ),
    _rule(
        "permissions",
        Fact.MODE,
        sentence="permissions, which follow the umask of whoever wrote the file",
        remedy="Set the mode of what is written.",
    ),
)
