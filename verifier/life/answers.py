"""Whether the packaged weights and code still give the golden outputs for the golden inputs, to the last bit."""

from collections.abc import Iterator
from pathlib import Path

from verifier.bundle import GOLDEN, OUTPUT
from verifier.compare import Pair
from verifier.errors import VerifierError
from verifier.explain.findings import OtherKind
from verifier.explain.safetensors_header import Tensor, read_header
from verifier.explain.tensors import explain_elements
from verifier.life.weights import unproven
from verifier.verdict import Row, Status

INFERENCE = "inference"
GIVEN = "outputs.safetensors"
UNDECLARED = "model.nix names no `predict` script that could give them (docs/reference/model.md)"


def inference_rows(bundle: Path, found: Path | VerifierError | None) -> list[Row]:
    """Returns the row for the golden outputs, none where there are none and nothing that could give any.

    `found` is what the proof `inference` left, or why it left nothing; None where the model has no such proof.
    """
    golden = bundle / GOLDEN
    if not golden.exists() and found is None:
        return []
    if found is None:
        row = Row(check=INFERENCE, subject="golden outputs", status=Status.NOT_CHECKED, detail=UNDECLARED)
        return [row]
    if isinstance(found, VerifierError):
        return [unproven(INFERENCE, "golden outputs", found)]
    try:
        expected, given = _outputs(golden), _outputs(found / GIVEN)
    except (OtherKind, OSError) as error:
        detail = f"the outputs cannot be read: {error}"
        return [Row(check=INFERENCE, subject="golden outputs", status=Status.FAILED, detail=detail)]
    wrong = list(_wrong(Pair(first=golden, second=found / GIVEN, name=GIVEN), expected, given))
    count = f"{len(expected)} golden output{'' if len(expected) == 1 else 's'}"
    return [
        Row(
            check=INFERENCE,
            subject=count,
            status=Status.FAILED if wrong else Status.PASSED,
            detail=wrong[0] if wrong else "equal, from the packaged weights and the bundle's own code",
            differences=tuple(wrong),
        )
    ]


def _outputs(path: Path) -> dict[str, Tensor]:
    tensors = read_header(path).tensors
    return {name: tensor for name, tensor in tensors.items() if name.startswith(OUTPUT)}


def _wrong(pair: Pair, expected: dict[str, Tensor], given: dict[str, Tensor]) -> Iterator[str]:
    if not expected:
        yield f"{GOLDEN} has no tensor whose name begins with {OUTPUT}"
    for name in [*expected, *(name for name in given if name not in expected)]:
        a, b = expected.get(name), given.get(name)
        if a is None or b is None:
            yield f"tensor {name!r} is {'not golden' if a is None else 'not given'}"
        elif (a.kind, a.shape) != (b.kind, b.shape):
            yield f"tensor {name!r} is {b.kind.name} {list(b.shape)}, golden is {a.kind.name} {list(a.shape)}"
        else:
            for finding in explain_elements(pair, f"tensor {name!r}", (a.run, b.run), a.kind, a.shape):
                yield f"{finding.place}: {finding.sentence}"
