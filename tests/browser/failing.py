"""Verdicts to be shown: one that passed, one that could not be checked, and one whose training parted."""

import hashlib
import math
import random

from verifier.explain.findings import Cause, Explanation, Fact, Finding
from verifier.explain.pictured import DECADES, Parting, TensorDifference
from verifier.verdict import Explained, Kept, Place, Row, Status, Verdict

VARIATIONS = (
    "address-space",
    "build-path",
    "clock-hour",
    "cores-1",
    "directory-order",
    "hash-seed",
    "locale",
    "umask",
)
STEPS = ("prepare", "train", "evaluate", "package")
ESCALATION = "an issue in the repository of Samebits"
EQUAL, KNOWN = "equal", "built here"
METRICS = {
    "digits": {"accuracy": 0.97995, "macro_f1": 0.97973},
    "kjv-gpt": {
        "bits_per_character": 2.2311,
        "perplexity": 4.6954,
        "bits_per_character of slices/first half": 2.2041,
        "bits_per_character of slices/second half": 2.2581,
        "unigram_bits_per_character": 4.335091485597443,
        "bigram_bits_per_character": 3.3192214999242227,
        "trigram_bits_per_character": 2.5921759046680153,
    },
    "verses": {"accuracy": 0.54146, "macro_f1": 0.5324},
}


def nar(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _verdict(model: str, version: str, rows: list[Row], **fields: object) -> Verdict:
    return Verdict(
        model=model,
        version=version,
        rows=tuple(rows),
        bundle=f"{model}-{version}-{nar(model + version)[7:19]}",
        path=f"/nix/store/7bkv3bpvxlv3089f3ch6kh4rx8vplq6x-{model}-{version}",
        surroundings="from sources, in an empty store that shows 1 core",
        owner="maintainers",
        escalation=ESCALATION,
        metrics=METRICS[model],
        **fields,  # type: ignore[arg-type]
    )


def rebuild(model: str, step: str, status: Status = Status.PASSED, **fields: object) -> Row:
    detail = {"detail": EQUAL, **fields}
    second = nar(f"{model}{step}") if status is Status.PASSED else nar(f"{model}{step} otherwise")
    return Row(
        check="rebuild",
        subject=step,
        status=status,
        first=KNOWN,
        second=KNOWN,
        first_sha256=nar(f"{model}{step}"),
        second_sha256=second,
        **detail,  # type: ignore[arg-type]
    )


def _variations(status: Status, detail: str) -> list[Row]:
    return [Row(check="variation", subject=name, status=status, detail=detail) for name in VARIATIONS]


def _rest(model: str) -> list[Row]:
    rows = [
        Row(check="bundle", subject="34 files", status=Status.PASSED, detail="manifest matches"),
        Row(check="store paths", subject="34 files", status=Status.PASSED, detail="none named"),
        Row(
            check="inference", subject="golden outputs", status=Status.PASSED, detail="equal to the last bit"
        ),
    ]
    rows += [
        Row(check="metric", subject=name, status=Status.PASSED, detail=f"{value:.4f}")
        for name, value in METRICS[model].items()
    ]
    used = (
        ("train, wall time", "42.6 s; 42.4 s in 1.2.0"),
        ("train, peak memory", "381 MiB; 381 MiB in 1.2.0"),
    )
    return rows + [Row(check="resource", subject=s, status=Status.PASSED, detail=d) for s, d in used]


def passed_verdict(model: str, version: str, *, warned: bool = False) -> Verdict:
    rows = [rebuild(model, step) for step in STEPS]
    rows += [*_variations(Status.PASSED, EQUAL), *_rest(model)]
    if warned:
        detail = "62.7 s; 39.1 s in 1.1.0 (1.6 times); more than 1.5 times warns"
        rows.append(
            Row(check="resource", subject="train, CPU time", status=Status.PASSED, detail=detail, warned=True)
        )
    return _verdict(model, version, rows)


def unchecked_verdict(model: str, version: str) -> Verdict:
    rows = [rebuild(model, step) for step in STEPS]
    why = "this machine has 1 core: the second build cannot see another number"
    return _verdict(model, version, [*rows, *_variations(Status.NOT_CHECKED, why)[3:4], *_rest(model)])


def failed_verdict(model: str, version: str) -> Verdict:
    files = tuple(
        f"{path}: the content differs"
        for path in ("weights.safetensors", "trace/steps.jsonl", "trace/tensors.jsonl")
    )
    inherited = {"detail": "differs, inherited", "inherited": True}
    place = Place(file=f"models/{model}/train.py", line=88)
    rows = [
        rebuild(model, "prepare"),
        rebuild(model, "train", Status.FAILED, detail="differs in 3 places", differences=files, place=place),
        rebuild(model, "evaluate", Status.FAILED, **inherited),
        rebuild(model, "package", Status.FAILED, **inherited),
        *_variations(Status.NOT_CHECKED, "without two equal builds a variation shows nothing"),
        *[row for row in _rest(model) if row.subject != "bits_per_character"],
    ]
    if model == "kjv-gpt":
        detail = "2.231; 2.202 in 1.2.0: worse by 0.0295, at most 0.02 is tolerated"
        place = Place(file="models/kjv-gpt/contract.yaml", line=8)
        failed = Row(
            check="metric", subject="bits_per_character", status=Status.FAILED, detail=detail, place=place
        )
        rows.append(failed)
    kept = "/home/ci/.local/state/samebits/kept/kjv-gpt-train"
    return _verdict(
        model,
        version,
        rows,
        kept=(Kept(subject="train", first=f"{kept}/first", second=f"{kept}/second"),),
        explained=(explained(),),
    )


def explained() -> Explained:
    findings = (
        Finding(
            path="trace/steps.jsonl",
            place="step 214",
            sentence="the gradient norm is 0.8331472277641296 in the first, 0.8331472873687744 in the second",
            facts=frozenset({Fact.GRADIENT}),
            step="train",
            training_step=214,
        ),
        Finding(
            path="trace/tensors.jsonl",
            place="after step 300",
            sentence="tensor 'blocks.0.attention.weight' and 25 others differ first",
            facts=frozenset({Fact.NOTED_TENSORS, Fact.SEEDS_AGREE}),
            step="train",
            training_step=300,
        ),
        Finding(
            path="weights.safetensors",
            place="blocks.0.attention.weight",
            sentence="61,204 of 65,536 elements differ, at most by 0.0031",
            facts=frozenset({Fact.VALUES}),
            step="train",
        ),
    )
    cause = Cause(
        sentence="the gradient was summed in another order: the number of threads differs",
        evidence="trace/steps.jsonl, step 214: batch, learning rate and loss agree, the gradient norm does not",
        remedy="Declare the number of threads in params.yaml; do not ask for os.cpu_count().",
    )
    return Explained(
        subject="train",
        explanation=Explanation(findings=findings, left_out=24, cause=cause),
        replayed=(
            "replayed 600 steps of train with 1 thread: equal to the second build",
            "replayed 600 steps of train with 8 threads: equal to the first build",
        ),
        tensors=tuple(tensor(i, name, n) for i, (name, n) in enumerate(TENSORS)),
        partings=(parting("gradient_norm", 214, 0.9), parting("loss", 215, 4.0)),
    )


TENSORS = (
    ("blocks.0.attention.weight", 65536),
    ("blocks.0.attention.bias", 768),
    ("blocks.3.mlp.weight", 262144),
    ("embedding.weight", 20480),
    ("head.weight", 20480),
)


def tensor(index: int, name: str, elements: int) -> TensorDifference:
    centre = 9 + index * 0.8
    weights = [math.exp(-((decade - centre) ** 2) / 3.5) for decade in range(DECADES)]
    counts = tuple(int(elements * 0.93 * weight / sum(weights)) for weight in weights)
    return TensorDifference(
        path="weights.safetensors",
        tensor=name,
        elements=elements,
        differing=sum(counts),
        largest=0.0031 / (index + 1),
        histogram=counts,
    )


def parting(quantity: str, step: int, scale: float) -> Parting:
    chance = random.Random(1998)
    places = [1 + round(index * 599 / 199) for index in range(200)]
    first = tuple((s, scale * (0.4 + math.exp(-s / 150)) * (1 + 0.03 * chance.gauss(0, 1))) for s in places)
    drift = [min(0.06, 6e-8 * math.exp((s - step) / 16)) if s >= step else 0.0 for s in places]
    second = tuple((s, v + d * chance.gauss(0, 1)) for (s, v), d in zip(first, drift, strict=True))
    return Parting(path="trace/steps.jsonl", quantity=quantity, step=step, first=first, second=second)
