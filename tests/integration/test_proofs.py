"""The proofs of a bundle in real builds: they see what they should, and fail with the sentence a person needs."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.conftest import REPOSITORY
from tests.integration.conftest import EVALUATE, MODEL, Repository
from tests.integration.torchbox import build, nix

GOLDEN = """
import numpy as np
x = np.arange(6, dtype=np.float32).reshape(2, 3)
tensors.save(paths.output() / "golden.safetensors", {"input.x": x, "output.y": x @ weights["w"]})
"""
PREDICT = """
from builder.runtime import paths, tensors
bundle = paths.step_input("bundle")
weights = tensors.load(bundle / "weights" / "model.safetensors")
x = tensors.load(bundle / "inputs.safetensors")["input.x"]
tensors.save(paths.output() / "outputs.safetensors", {"output.y": x @ weights["w"]})
"""
PADDED = """
import os
import numpy as np
from safetensors.numpy import save_file
save_file({"w": np.ones(3, np.float32)}, os.environ["SAMEBITS_OUTPUT"] + "/model.safetensors")
path = os.environ["SAMEBITS_OUTPUT"] + "/model.safetensors"
content = open(path, "rb").read()
open(path, "wb").write((len(content[8:-12]) + 8).to_bytes(8, "little") + content[8:-12] + b" " * 8 + content[-12:])
"""


def add(repository: Repository, name: str, files: Mapping[str, str] | None = None) -> str:
    """Adds a model that has golden outputs and a script that gives them; returns its attribute."""
    predicting = MODEL.replace("NAME", name).replace("card =", 'predict = [ "predict.py" ];\n  card =')
    mine = {"model.nix": predicting, "evaluate.py": EVALUATE + GOLDEN, "predict.py": PREDICT}
    folder = repository.add_model(name, {**mine, **(files or {})})
    if (folder / "predict.py").read_text() == "":
        (folder / "predict.py").unlink()
    return name


def proof(repository: Repository, name: str, which: str) -> Path:
    return build(f"{name}.proofs.{which}", repository.root)


def refusal(repository: Repository, name: str, which: str = "inference") -> str:
    return nix("build", "--no-link", "-L", f"{repository.root}#{name}.proofs.{which}", check=False).stderr


def test_bundles_own_code_gives_its_golden_outputs(repository: Repository) -> None:
    name = add(repository, "whole")
    golden = load_file(build(name, repository.root) / "golden.safetensors")
    found = load_file(proof(repository, name, "inference") / "outputs.safetensors")
    assert set(found) == {"output.y"}
    assert found["output.y"].tobytes() == golden["output.y"].tobytes()


def test_another_code_gives_others(repository: Repository) -> None:
    name = add(repository, "other", {"predict.py": PREDICT.replace("x @", "2 * x @")})
    golden = load_file(build(name, repository.root) / "golden.safetensors")
    found = load_file(proof(repository, name, "inference") / "outputs.safetensors")
    assert np.array_equal(found["output.y"], 2 * golden["output.y"])


def test_who_answers_sees_no_answers(repository: Repository) -> None:
    """Neither in its input, nor by a way that leads from there to the bundle."""
    spy = "import os\nfrom pathlib import Path\n"
    spy += "seen = [str(p) for p in Path('/nix/store').rglob('golden.safetensors')]\n"
    spy += "seen += [k for k in tensors.load(bundle / 'inputs.safetensors') if k.startswith('output.')]\n"
    spy += "if seen:\n    raise SystemExit(f'sees {seen}')\n"
    name = add(repository, "blind", {"predict.py": PREDICT + spy})
    proof(repository, name, "inference")


def inputs(derivation: str) -> dict[str, object]:
    shown: dict[str, dict[str, dict[str, object]]] = json.loads(nix("show-derivation", derivation).stdout)
    return shown[derivation]["inputDrvs"]


def attribute(repository: Repository, path: str) -> str:
    return nix("eval", "--raw", f"{repository.root}#{path}").stdout


def test_each_proof_reads_one_thing_and_the_toolchain(repository: Repository) -> None:
    name = add(repository, "narrow")
    toolchain = attribute(repository, f"{name}.toolchain.drvPath")
    bundle, golden = (
        attribute(repository, f"{name}.{path}.drvPath") for path in ("package", "proofs.golden")
    )
    for which, read in (("fidelity", bundle), ("golden", bundle), ("inference", golden)):
        found = inputs(attribute(repository, f"{name}.proofs.{which}.drvPath"))
        assert set(found) == {toolchain, read}


def test_fidelity_of_weights_is_reported(repository: Repository) -> None:
    name = add(repository, "faithful")
    report = json.loads((proof(repository, name, "fidelity") / "fidelity.json").read_text())
    one = {"path": "weights/model.safetensors", "equal_bytes": True, "tensors": 1, "unequal_tensors": []}
    assert report == {"schema": "samebits/fidelity/v1", "loaded_with": "safetensors.numpy", "files": [one]}


def test_weights_that_do_not_survive_a_save_are_reported(repository: Repository) -> None:
    name = add(repository, "padded", {"train.py": PADDED})
    (one,) = json.loads((proof(repository, name, "fidelity") / "fidelity.json").read_text())["files"]
    assert (one["equal_bytes"], one["unequal_tensors"]) == (False, [])


def test_proofs_change_no_step_and_predict_only_the_bundle(repository: Repository) -> None:
    name = add(repository, "same")
    steps = ("prepare", "train", "evaluate", "package")
    before = {step: attribute(repository, f"{name}.{step}.drvPath") for step in steps}
    for path in ("models/same/predict.py", "builder/runtime/proofs/inference.py"):
        file = repository.root / path
        file.write_text(file.read_text() + "\n# changed\n")
        after = {step: attribute(repository, f"{name}.{step}.drvPath") for step in steps}
        assert [step for step in steps if before[step] != after[step]] == (
            ["package"] if "predict" in path else []
        )
        before = after


def test_model_without_predict_has_the_one_proof(repository: Repository) -> None:
    repository.add_model("silent")
    names = nix("eval", "--json", f"{repository.root}#silent.proofs", "--apply", "builtins.attrNames").stdout
    assert json.loads(names) == ["fidelity"]


def test_folder_of_a_model_is_plain_text(repository: Repository) -> None:
    repository.add_model("placed")
    apply = "m: [ m.folder (builtins.hasContext m.folder) ]"
    found = json.loads(nix("eval", "--json", f"{repository.root}#placed", "--apply", apply).stdout)
    assert found[0].endswith("/models/placed")
    assert found[1] is False


WRONG = {
    "missing-script": (
        {"predict.py": ""},
        "the model missing-script names the file predict.py, which is not in its folder",
    ),
    "other-tensors": (
        {"predict.py": PREDICT.replace("output.y", "scores")},
        "predict.py wrote the tensor 'scores' into outputs.safetensors",
    ),
    "no-outputs": ({"predict.py": "pass\n"}, "predict.py wrote no outputs.safetensors"),
    "raising": ({"predict.py": "\n1 / 0\n"}, "predict.py failed at predict.py:2: ZeroDivisionError"),
    "no-golden": (
        {"evaluate.py": EVALUATE},
        "evaluate wrote no golden.safetensors, so there is nothing to predict",
    ),
    "nameless": (
        {"evaluate.py": EVALUATE + GOLDEN.replace("output.y", "y")},
        "golden.safetensors has the tensor 'y'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_inference_that_cannot_be_is_refused_in_a_sentence(name: str, repository: Repository) -> None:
    files, sentence = WRONG[name]
    add(repository, name, files)
    assert sentence in refusal(repository, name)


def test_usage_comes_through_in_the_log_of_a_build(repository: Repository, tmp_path: Path) -> None:
    params = f"seed: 1\nhyperparameters: {{ at: {tmp_path.stat().st_mtime_ns} }}\n"  # never built before
    repository.add_model("told", {"params.yaml": params})
    done = nix("build", "--no-link", "-L", f"{repository.root}#told.train")
    told = [line.partition("@samebits ")[2] for line in done.stderr.splitlines() if "@samebits {" in line]
    events: list[dict[str, object]] = [json.loads(line) for line in told]
    usage = {str(event["step"]): event for event in events if event["event"] == "usage"}
    assert set(usage) == {"prepare", "train"}
    assert {key for key in usage["train"] if key != "event"} == {
        *("step", "threads", "data_loading_seconds", "gpu_memory_bytes", "device", "batch_rows")
    }
    assert (usage["train"]["device"], usage["train"]["batch_rows"]) == ("cpu", None)


def test_models_of_this_repository_all_have_the_three_proofs() -> None:
    for folder in sorted(path.parent for path in REPOSITORY.glob("models/*/model.nix")):
        apply = "p: builtins.attrNames p"
        names = nix("eval", "--json", f"{REPOSITORY}#{folder.name}.proofs", "--apply", apply).stdout
        assert json.loads(names) == ["fidelity", "golden", "inference"], folder.name
