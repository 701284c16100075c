"""Reads Nix's `.drv` files: what was asked for, and which outputs are fixed by a hash.

The format (ATerm) is written by `Derivation::unparse` in Nix's src/libstore/derivations.cc: `Derive(` and then
tuples, lists and strings whose escapes are \\\\, \\", \\n, \\r and \\t, which is a subset of Python's literals.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from verifier.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output; `fixed_sha256` is hex where the content was fixed beforehand, of a NAR if `recursive`."""

    path: str
    fixed_sha256: str | None
    recursive: bool


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """One build: its output, what it reads (derivations, plain store paths), what it asks of a machine.

    `program` is the builder and its arguments.
    """

    path: str
    output: Output
    input_derivations: tuple[str, ...]
    input_sources: tuple[str, ...]
    features: frozenset[str] = frozenset()
    program: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """The name without hash and `.drv`."""
        return self.path.rsplit("/", 1)[-1].split("-", 1)[1].removesuffix(".drv")


def parse_derivation(path: str, text: str) -> Derivation:
    """Parses the text of the store derivation `path`.

    Raises:
        BadInput: it is no derivation, has several outputs, or is fixed by something else than sha256.
    """
    if not text.startswith("Derive("):
        raise BadInput(f"{path} is not a derivation", advice="Name a model of the flake.")
    try:
        outputs, inputs, sources, _, builder, arguments, environment = ast.literal_eval(
            text.removeprefix("Derive")
        )
        ((_, out, algorithm, digest),) = outputs
        below, files = tuple(name for name, _ in inputs), tuple(sources)
        variables, program = dict(environment), (builder, *arguments)
        features = variables.get("requiredSystemFeatures", "")
        words = (out, algorithm, digest, *variables, *variables.values(), *program, *below, *files)
        if not all(isinstance(word, str) for word in words):
            raise ValueError("names and paths must be strings")
        if not out:
            raise ValueError("the output has no path before it is built")
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise BadInput(
            f"{path} cannot be read as a derivation with one output whose path is known",
            advice="Steps and toolchains must have the one output `out`, addressed by their inputs.",
        ) from error
    if algorithm not in ("", "sha256", "r:sha256"):
        raise BadInput(f"{path} is fixed by {algorithm}, not by sha256", advice="Pin sources by sha256.")
    return Derivation(
        path=path,
        output=Output(path=out, fixed_sha256=digest or None, recursive=algorithm.startswith("r:")),
        input_derivations=below,
        input_sources=files,
        features=frozenset(features.split()),
        program=program,
        environment=variables,
    )


def closure(top: str, read: Callable[[str], Derivation]) -> list[Derivation]:
    """Returns the derivation `top` and all below it, inputs before those that read them.

    `read` gives a derivation by its store path. Sources (fixed outputs) are leaves: what their own build would
    read does not matter, since their content is fixed.
    """
    known: dict[str, Derivation] = {}
    ordered: dict[str, Derivation] = {}
    waiting = [top]  # a stack of our own goes deeper than Python's
    while waiting:
        path = waiting[-1]
        derivation = known.setdefault(path, known.get(path) or read(path))
        leaf = derivation.output.fixed_sha256 is not None
        below = [] if leaf else [p for p in derivation.input_derivations if p not in ordered]
        if below and not leaf:
            waiting += reversed(below)
        else:
            ordered.setdefault(waiting.pop(), derivation)
    return list(ordered.values())
