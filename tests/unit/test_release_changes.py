"""What changed between two releases: every kind is told, in its order, and nothing is made up."""

from collections.abc import Callable

import pytest

from tests.unit.bundles import SHA256
from tests.unit.released import OTHER, STAGE, altered, make_document
from verifier.release.changes import changes, headline

Json = dict  # type: ignore[type-arg]
OLD, NEW = f"sha256 {SHA256[:12]}", f"sha256 {OTHER[:12]}"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Json:
    def furnish(d: Json) -> None:
        d["data"] = {
            "sources": {"digits": {"name": "scikit-learn", "version": "1.7.1", "sha256": SHA256}},
            "stages": [{**STAGE, "name": name} for name in ("raw", "split")],
        }
        d["params"] = {"seed": 1, "hyperparameters": {"epochs": 40, "layers": [64, 32], "a.b": True}}
        d["code"] = {f"code/{name}.py": SHA256 for name in ("train", "network")}
        d["weights"] = {"weights/model.safetensors": SHA256}
        for path in ("params.yaml", "model-card.md", "training/trace/steps.jsonl", "data.json"):
            d["files"][path] = SHA256
        d["metrics"] = {
            "scalars": {"accuracy": 0.98, "loss": 0.1},
            "classes": {"recall": {"8": 0.9}},
            "slices": {"accuracy": {"gospels": 0.8}},
            "confusion_matrix": {"labels": ["0", "1"], "counts": [[5, 1], [0, 4]]},
            "intervals": {"accuracy": {"low": 0.9, "high": 1.0, "confidence": 0.95}},
        }

    return altered(make_document(tmp_path_factory.mktemp("bundle") / "tiny"), furnish)


Found = list[tuple[str, str, str]]


def found(before: Json, change: Callable[[Json], object]) -> Found:
    after = altered(before, change)
    return [(one.kind, one.subject, one.detail) for one in changes(before, after)]


def test_nothing_changed_is_said_so(before: Json) -> None:
    assert changes(before, before) == []
    assert headline([]) == "nothing"


def test_source_with_another_version_is_named_by_its_input(before: Json) -> None:
    said = found(before, lambda d: d["data"]["sources"]["digits"].update(version="1.7.2", sha256=OTHER))
    assert said == [("data", "digits", f"scikit-learn 1.7.1 ({OLD}) → scikit-learn 1.7.2 ({NEW})")]


def test_source_with_the_same_version_and_other_bytes_is_told(before: Json) -> None:
    said = found(before, lambda d: d["data"]["sources"]["digits"].update(sha256=SHA256[:12] + OTHER[12:]))
    assert [(kind, subject) for kind, subject, _ in said] == [("data", "digits")]


def test_changed_stages_come_after_the_sources_and_the_first_one_first(before: Json) -> None:
    def change(d: Json) -> None:
        d["data"]["sources"]["digits"]["sha256"] = OTHER
        d["data"]["stages"][1] = {
            "name": "split",
            "rows": 1350,
            "sha256": OTHER,
            "counts": {"labels": {"0": 13, "1": 682}},
        }
        d["data"]["stages"][0]["sha256"] = OTHER
        d["data"]["stages"].append({"name": "extra", "rows": 1, "sha256": OTHER})

    said = found(before, change)
    assert [subject for _, subject, _ in said] == ["digits", "stage raw", "stage split", "stage extra"]
    assert said[2][2] == f"1,347 rows → 1,350 rows; {OLD} → {NEW}; labels 0: 665 → 13"
    assert said[3][2] == f"added: 1 rows, {NEW}"


def test_removed_stage_is_told(before: Json) -> None:
    assert found(before, lambda d: d["data"]["stages"].pop()) == [
        ("data", "stage split", f"removed: 1,347 rows, {OLD}")
    ]


def test_two_stages_of_one_name_are_both_told_apart(before: Json) -> None:
    twice = altered(before, lambda d: d["data"]["stages"].append({**STAGE, "name": "raw"}))
    said = found(twice, lambda d: d["data"]["stages"][2].update(sha256=OTHER))
    assert said == [("data", "stage raw again", f"{OLD} → {NEW}")]


def test_code_files_are_added_removed_and_changed(before: Json) -> None:
    assert found(before, lambda d: d.update(code={"code/train.py": OTHER, "code/new.py": SHA256})) == [
        ("code", "network.py", f"removed: {OLD}"),
        ("code", "new.py", f"added: {OLD}"),
        ("code", "train.py", f"{OLD} → {NEW}"),
    ]


def test_parameters_are_named_by_their_dotted_path(before: Json) -> None:
    def change(d: Json) -> None:
        d["params"]["hyperparameters"] = {"epochs": 20, "layers": [64, 32, 16], "a.b": 1, "rate": "fast"}

    assert found(before, change) == [
        ("params", "hyperparameters.epochs", "40 → 20"),
        ("params", "hyperparameters.layers[2]", "added: 16"),
        ("params", "hyperparameters.rate", 'added: "fast"'),
        ("params", 'hyperparameters["a.b"]', "true → 1"),
    ]


def test_packages_of_the_toolchain_are_named(before: Json) -> None:
    def change(d: Json) -> None:
        d["toolchain"] = {"name": "torch", "digest": OTHER, "packages": {"numpy": "2.4.7", "torch": "2.9"}}

    assert found(before, change) == [
        ("toolchain", "name", "numpy → torch"),
        ("toolchain", "numpy", "2.4.6 → 2.4.7"),
        ("toolchain", "torch", "added: 2.9"),
    ]


def test_lock_with_the_same_packages_and_other_files_is_told(before: Json) -> None:
    ((kind, subject, detail),) = found(before, lambda d: d["toolchain"].update(digest=OTHER))
    assert (kind, subject) == ("toolchain", "lock")
    assert detail == f"{OLD} → {NEW}: the same packages, from other files"


def move(d: Json, *steps: str) -> None:
    for step in steps:
        d["steps"][step]["derivation"] = d["steps"][step]["derivation"].replace("0", "1")


def test_derivation_that_moved_by_itself_means_the_rules(before: Json) -> None:
    ((kind, subject, detail),) = found(before, lambda d: move(d, "train", "evaluate", "package"))
    assert (kind, subject) == ("rules", "train")
    assert "the build rules or model.nix changed" in detail


def test_derivation_that_follows_an_input_says_nothing_of_the_rules(before: Json) -> None:
    for change in (
        lambda d: d["params"].update(seed=2),
        lambda d: d["code"].update({"code/train.py": OTHER}),
        lambda d: d["files"].update({"params.yaml": OTHER}),
    ):
        said = found(before, lambda d, change=change: (change(d), move(d, "train")))  # type: ignore[misc]
        assert "rules" not in {kind for kind, _, _ in said}


def test_another_version_moves_every_derivation_but_the_toolchains(before: Json) -> None:
    steps = "prepare", "train", "evaluate", "package"
    assert found(before, lambda d: (d.update(version="1.0.1"), move(d, *steps))) == []
    said = found(before, lambda d: (d.update(version="1.0.1"), move(d, "toolchain", *steps)))
    assert [(kind, subject) for kind, subject, _ in said] == [("rules", "toolchain")]


def test_text_of_the_card_moves_the_package_alone(before: Json) -> None:
    said = found(before, lambda d: (d["files"].update({"model-card.md": OTHER}), move(d, "package")))
    assert said == [("files", "model-card.md", f"{OLD} → {NEW}")]


def test_weights_explain_the_trace(before: Json) -> None:
    def change(d: Json) -> None:
        d["weights"]["weights/model.safetensors"] = OTHER
        d["files"]["training/trace/steps.jsonl"] = OTHER

    assert found(before, change) == [("weights", "model.safetensors", f"{OLD} → {NEW}")]


def test_trace_that_moved_with_equal_weights_is_told(before: Json) -> None:
    said = found(before, lambda d: d["files"].update({"training/trace/steps.jsonl": OTHER}))
    assert said == [("files", "training/trace/steps.jsonl", f"{OLD} → {NEW}")]


def test_metrics_are_told_with_their_difference(before: Json) -> None:
    def change(d: Json) -> None:
        d["metrics"]["scalars"] = {"accuracy": 0.97, "f1": 0.5}
        d["metrics"]["classes"]["recall"]["8"] = 0.95
        d["metrics"]["slices"]["accuracy"]["gospels"] = 0.7
        d["metrics"]["intervals"]["accuracy"]["low"] = 0.91
        d["metrics"]["confusion_matrix"]["counts"][0] = [6, 0]
        d["files"]["metrics.json"] = OTHER

    assert found(before, change) == [
        ("metrics", "accuracy", "0.98 → 0.97 (-0.01)"),
        ("metrics", "loss", "removed: 0.1"),
        ("metrics", "recall of classes/8", "0.9 → 0.95 (+0.05)"),
        ("metrics", "accuracy of slices/gospels", "0.8 → 0.7 (-0.1)"),
        ("metrics", "low of the interval of accuracy", "0.9 → 0.91 (+0.01)"),
        ("metrics", "f1", "added: 0.5"),
        ("metrics", "confusion matrix", "2 of 4 counts moved"),
    ]


@pytest.mark.parametrize(
    ("matrix", "detail"),
    [
        ({"labels": ["0", "2"], "counts": [[5, 1], [0, 4]]}, "it has other labels"),
        ({"labels": ["0", "1"], "counts": [[5, 1]]}, "it has other labels"),
        (None, "removed"),
    ],
)
def test_other_labels_of_the_confusion_matrix_are_told(
    matrix: Json | None, detail: str, before: Json
) -> None:
    def change(d: Json) -> None:
        del d["metrics"]["confusion_matrix"]
        d["metrics"].update({"confusion_matrix": matrix} if matrix else {})

    assert found(before, change) == [("metrics", "confusion matrix", detail)]


def test_numbers_beyond_any_float_are_told(before: Json) -> None:
    said = found(before, lambda d: d["metrics"]["scalars"].update(loss=10**400))
    assert [(kind, subject) for kind, subject, _ in said] == [("metrics", "loss")]


def test_file_that_nothing_explains_is_told(before: Json) -> None:
    assert found(before, lambda d: d["files"].update({"params.yaml": OTHER, "new.txt": SHA256})) == [
        ("files", "new.txt", f"added: {OLD}"),
        ("files", "params.yaml", f"{OLD} → {NEW}"),
    ]


def test_bill_follows_from_the_version(before: Json) -> None:
    def change(d: Json) -> None:
        d.update(version="1.0.1")
        d["files"].update({"bom.cdx.json": OTHER, "model-card.md": OTHER})

    assert found(before, change) == [
        ("files", "model-card.md", f"{OLD} → {NEW} (its title names the version)")
    ]


def test_headline_names_each_kind_once_and_in_order(before: Json) -> None:
    def change(d: Json) -> None:
        d["metrics"]["scalars"].update(accuracy=0.9, loss=0.2)
        d["weights"]["weights/model.safetensors"] = OTHER
        d["params"]["seed"] = 2
        d["code"]["code/train.py"] = OTHER

    assert headline(changes(before, altered(before, change))) == "code, params, weights, metrics"
