"""From two builds and a bundle to the rows of a verdict; takes values, returns values."""

from collections.abc import Callable, Sequence
from pathlib import Path

from verifier.bundle import Bundle
from verifier.compare import compare_trees
from verifier.derivation import Derivation
from verifier.nix import Store
from verifier.rebuild.build import Build
from verifier.rebuild.plan import Plan
from verifier.verdict import Row, Status

ALTERED = "changed after it was built"


def comparison_rows(
    plan: Plan, first: Build, second: Build, differences: Callable[[Derivation], list[str]]
) -> list[Row]:
    """Returns a row for every build of the plan, inputs first.

    A difference is *inherited* where a build below differs too. `differences` lists the files of one build
    that differ; it is asked only about those that differ of themselves.
    """
    unequal: set[str] = set()
    rows = []
    for derivation in plan.builds:
        path = derivation.path
        a, b = first.hashes[path], second.hashes[path]
        altered = path in first.altered | second.altered
        inherited = a != b and not altered and bool(plan.below(derivation) & unequal)
        if a != b:
            unequal.add(path)
        files = tuple(differences(derivation)) if a != b and not inherited else ()
        detail = "equal" if a == b else "differs, inherited" if inherited else _count(files)
        rows.append(
            Row(
                check="rebuild",
                subject=plan.label(path),
                status=Status.PASSED if a == b and not altered else Status.FAILED,
                detail=f"{ALTERED}; {detail}" if altered else detail,
                first=first.origins[path],
                second=second.origins[path],
                inherited=inherited,
                first_sha256=a,
                second_sha256=b,
                differences=files,
            )
        )
    return rows


def _count(files: tuple[str, ...]) -> str:
    return f"differs in {len(files)} {'place' if len(files) == 1 else 'places'}"


def differing_files(first: Store, second: Store) -> Callable[[Derivation], list[str]]:
    """Returns a function that compares one output between two stores."""

    def compare(derivation: Derivation) -> list[str]:
        out = derivation.output.path
        return compare_trees(first.physical(out), second.physical(out))

    return compare


def bundle_rows(bundle: Bundle, plan: Plan) -> list[Row]:
    """Returns a row for the manifest, and one for the paths of this machine's store."""
    files = f"{bundle.file_count} files"
    named = (bundle.name, bundle.version) == (plan.model.name, plan.model.version)
    problems = bundle.problems or (() if named else (f"it calls itself {bundle.name} {bundle.version}",))
    manifest = Row(
        check="bundle",
        subject=files,
        status=Status.FAILED if problems else Status.PASSED,
        detail=problems[0] if problems else "manifest matches",
        differences=problems,
    )
    tied = bundle.store_paths
    store_paths = Row(
        check="store paths",
        subject=files,
        status=Status.FAILED if tied else Status.PASSED,
        detail=f"named in {tied[0]}" if tied else "none named",
        differences=tied,
    )
    return [manifest, store_paths]


def failed_second_build(plan: Plan, sentence: str, physical: Path, log: Sequence[str]) -> Row:
    """Returns the row for a model that built once and then, from the same derivations, did not.

    The last lines of the failed build's `log` go with it, since its store does not stay.
    """
    return Row(
        check="rebuild",
        subject=plan.model.name,
        status=Status.FAILED,
        detail=f"the first build gave {physical.name}, the second failed: {sentence}",
        first="has an output",
        second="failed",
        differences=tuple(log),
    )
