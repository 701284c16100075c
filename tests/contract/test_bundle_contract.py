"""What others build on: the bundle of digits holds what docs/reference/bundle.md promises, wherever it lies."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft202012Validator
from safetensors.numpy import load_file
from spdx_python_model import v3_0_1

from tests.conftest import REPOSITORY
from tests.integration.conftest import run
from verifier.bundle import read_bundle
from verifier.errors import BadInput
from verifier.nar import nar_sha256

NIX = ["nix", "--extra-experimental-features", "nix-command flakes"]
TOOLCHAIN = f"{REPOSITORY}#legacyPackages.x86_64-linux.toolchains.numpy"
RUNTIME = REPOSITORY / "builder" / "runtime"
SCHEMAS = RUNTIME / "packaging" / "schemas"
LEAST_ACCURACY = 0.95

# Runs in the toolchain's Python, with nothing of the bundle but its code and its weights.
REPLAY = """
import sys
from pathlib import Path
from safetensors.numpy import load_file, save_file
bundle, target = map(Path, sys.argv[1:])
sys.path.insert(0, str(bundle / "code"))
import network
weights = load_file(bundle / "weights" / "model.safetensors")
golden = load_file(bundle / "golden.safetensors")
save_file({"output.scores": network.forward(weights, golden["input.images"])[1]}, target)
"""

pytestmark = pytest.mark.skipif(shutil.which("nix") is None, reason="needs Nix")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of digits, as `verifier check` built and judged it."""
    folder = tmp_path_factory.mktemp("check")
    home = {"XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache")}
    done = run("verifier", "check", "digits", "--json", str(folder / "verdict.json"), environment=home)
    assert done.code == 0, done.out + done.err
    (verdict,) = json.loads((folder / "verdict.json").read_text())["verdicts"]
    assert verdict["verified"]
    return Path(verdict["path"])


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    """A copy elsewhere that can be written to."""
    copied = shutil.copytree(bundle, tmp_path / "copy")
    for path in [copied, *copied.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    return copied


def read(path: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return value


def test_verifier_reads_it_without_a_problem(bundle: Path) -> None:
    found = read_bundle(bundle)
    assert (found.name, found.version, found.problems, found.store_paths) == ("digits", "1.3.0", (), ())


def test_it_holds_the_parts_that_every_bundle_has(bundle: Path) -> None:
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    documents = {
        f"{name}.json"
        for name in ("bom.cdx", "data", "hyperparameters.schema", "manifest", "metrics", "toolchain")
    }
    code = {f"code/{name}.py" for name in ("evaluate", "network", "predict", "prepare", "train")}
    others = {"golden.safetensors", "model-card.md", "params.yaml", "weights/model.safetensors"}
    trace = {f"training/trace/{name}" for name in ("decisions.json", "steps.jsonl", "tensors.jsonl")}
    assert files == documents | code | others | trace


def test_every_json_file_matches_its_schema(bundle: Path) -> None:
    checked = []
    for path in sorted(bundle.rglob("*.json")):
        schema = SCHEMAS / f"{path.name.partition('.')[0]}.schema.json"
        if path.name == "hyperparameters.schema.json":
            Draft202012Validator.check_schema(read(path))
        else:
            Draft202012Validator(read(schema)).validate(read(path))
        checked.append(path.name)
    assert len(checked) == 1 + len(list(SCHEMAS.glob("*.json")))


def test_every_json_file_is_written_in_one_way(bundle: Path) -> None:
    for path in bundle.rglob("*.json"):
        if path.name != "hyperparameters.schema.json":  # a person's own
            text = json.dumps(read(path), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
            assert path.read_text(encoding="utf-8") == text


def test_parameters_match_both_schemas(bundle: Path) -> None:
    params = yaml.safe_load((bundle / "params.yaml").read_text())
    Draft202012Validator(read(RUNTIME / "schemas" / "params.schema.json")).validate(params)
    own = read(bundle / "hyperparameters.schema.json")
    Draft202012Validator(own).validate(params["hyperparameters"])


@pytest.mark.parametrize("name", ["params.yaml", "hyperparameters.schema.json"])
def test_what_a_person_wrote_is_there_byte_for_byte(name: str, bundle: Path) -> None:
    assert (bundle / name).read_bytes() == (REPOSITORY / "models" / "digits" / name).read_bytes()


def test_code_is_the_models_byte_for_byte(bundle: Path) -> None:
    for path in (bundle / "code").iterdir():
        assert path.read_bytes() == (REPOSITORY / "models" / "digits" / path.name).read_bytes()


def test_toolchain_is_the_lock(bundle: Path) -> None:
    toolchain, lock = read(bundle / "toolchain.json"), read(REPOSITORY / "builder/locks/numpy.lock.json")
    assert (toolchain["digest"], toolchain["sources"]) == (lock["digest"], lock["sources"])


def test_bill_of_materials_is_valid_and_of_this_model(bundle: Path) -> None:
    text = (bundle / "bom.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    model = json.loads(text)["metadata"]["component"]
    scalars: dict[str, float] = read(bundle / "metrics.json")["scalars"]  # type: ignore[assignment]
    metrics = model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert {one["type"]: float(one["value"]) for one in metrics} == scalars
    seed = yaml.safe_load((bundle / "params.yaml").read_text())["seed"]
    assert {"name": "samebits:seed", "value": str(seed)} in model["properties"]


def test_bill_of_materials_is_exported_to_spdx(bundle: Path, tmp_path: Path) -> None:
    done = run("verifier", "bom", str(bundle), "--format", "spdx", "-o", str(tmp_path / "spdx.json"))
    assert done.code == 0, done.out + done.err
    objects = v3_0_1.SHACLObjectSet()
    with (tmp_path / "spdx.json").open(encoding="utf-8") as file:
        v3_0_1.JSONLDDeserializer().read(file, objects)
    assert objects.link() == set()
    assert [one.name for one in objects.foreach_type("ai_AIPackage")] == ["digits"]


def test_metrics_are_those_of_a_model_that_learnt(bundle: Path) -> None:
    scalars: dict[str, float] = read(bundle / "metrics.json")["scalars"]  # type: ignore[assignment]
    assert scalars["accuracy"] >= LEAST_ACCURACY
    assert scalars["macro_f1"] >= LEAST_ACCURACY


def test_metrics_are_given_by_class_and_with_an_interval(bundle: Path) -> None:
    metrics = read(bundle / "metrics.json")
    accuracy: float = metrics["scalars"]["accuracy"]  # type: ignore[index]
    matrix: dict[str, list[list[int]]] = metrics["confusion_matrix"]  # type: ignore[assignment]
    rows = zip(matrix["labels"], matrix["counts"], strict=True)
    shares = {label: counts[place] / sum(counts) for place, (label, counts) in enumerate(rows)}
    assert metrics["classes"] == {"recall": shares}
    interval: dict[str, float] = metrics["intervals"]["accuracy"]  # type: ignore[index]
    assert interval["low"] < accuracy < interval["high"]
    assert interval["confidence"] == 0.95


def test_labels_of_each_stage_are_counted(bundle: Path) -> None:
    stages: list[dict[str, dict[str, dict[str, int]]]] = read(bundle / "data.json")["stages"]  # type: ignore[assignment]
    counts = {stage["name"]: stage["counts"]["labels"] for stage in stages}  # type: ignore[index]
    assert {name: sum(by.values()) for name, by in counts.items()} == {  # type: ignore[attr-defined]
        stage["name"]: stage["rows"] for stage in stages
    }
    assert set(counts["read"]) == {str(label) for label in range(10)}  # type: ignore[index]


def test_confusion_matrix_counts_every_row_that_was_held_out(bundle: Path) -> None:
    metrics = read(bundle / "metrics.json")
    counts = np.array(metrics["confusion_matrix"]["counts"])  # type: ignore[index]
    stages = {stage["name"]: stage["rows"] for stage in read(bundle / "data.json")["stages"]}  # type: ignore[attr-defined]
    assert counts.sum() == stages["test"]
    assert np.trace(counts) / counts.sum() == metrics["scalars"]["accuracy"]  # type: ignore[index]
    assert stages["read"] == stages["test"] + stages["train"]


def test_weights_are_finite(bundle: Path) -> None:
    weights = load_file(bundle / "weights" / "model.safetensors")
    assert set(weights) == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}
    assert all(np.isfinite(tensor).all() for tensor in weights.values())


def test_golden_outputs_are_reproduced_bit_for_bit(bundle: Path, tmp_path: Path) -> None:
    argv = [*NIX, "eval", "--raw", TOOLCHAIN]
    python = Path(subprocess.run(argv, capture_output=True, text=True, check=True).stdout) / "bin" / "python3"
    environment: dict[str, str] = read(bundle / "toolchain.json")["environment"]  # type: ignore[assignment]
    argv = [str(python), "-B", "-c", REPLAY, str(bundle), str(tmp_path / "replayed.safetensors")]
    subprocess.run(argv, check=True, env=environment)
    replayed = load_file(tmp_path / "replayed.safetensors")["output.scores"]
    golden = load_file(bundle / "golden.safetensors")["output.scores"]
    assert (replayed.dtype, replayed.shape) == (golden.dtype, golden.shape)
    assert replayed.tobytes() == golden.tobytes()


def test_copy_elsewhere_reads_the_same(bundle: Path, copy: Path) -> None:
    assert read_bundle(copy) == read_bundle(bundle)
    assert nar_sha256(copy) == nar_sha256(bundle)


def test_copy_with_one_flipped_byte_does_not(bundle: Path, copy: Path) -> None:
    """In every file, the manifest included: it is refused, or shows a problem, or has another identifier."""
    original = read_bundle(bundle)
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        try:
            found = read_bundle(copy)
        except BadInput:
            found = None
        assert found is None or found.problems or found.identifier != original.identifier, path
        path.write_bytes(content)
    assert read_bundle(copy) == original


def test_it_holds_plain_files_that_nobody_can_run(bundle: Path) -> None:
    modes = {path: path.lstat().st_mode for path in bundle.rglob("*") if not path.is_dir()}
    assert modes
    assert [path for path, mode in modes.items() if not stat.S_ISREG(mode) or mode & 0o111] == []
