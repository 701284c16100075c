"""What a model's folder expects of it; what is wrong in there is named as people know it, by no store path."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.contracts import GOOD
from tests.unit.released import Json, altered, make_document, make_model, put, sealed, store_path, successor
from verifier.errors import BadInput
from verifier.flake import Model
from verifier.nix import Store
from verifier.release.expected import Expected, expected_of, releases_of

FOLDER = store_path("source") + "/models/tiny"


def model(version: str = "1.0.0") -> Model:
    return replace(make_model(version), folder=FOLDER)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store in which the model's folder is empty."""
    found = Store(root=tmp_path / "store")
    found.physical(FOLDER).mkdir(parents=True)
    return found


@pytest.fixture
def first(tmp_path: Path) -> Json:
    return make_document(tmp_path / "bundle")


def release_all(store: Store, *documents: Json) -> Path:
    folder = store.physical(FOLDER) / "releases"
    for document in documents:
        put(folder, document)
    return folder


def refusal(store: Store, version: str = "1.0.0") -> BadInput:
    with pytest.raises(BadInput) as caught:
        expected_of(model(version), store)
    for text in (caught.value.sentence, caught.value.advice):
        assert "/nix/store" not in text
        assert str(store.root) not in text
    return caught.value


def test_empty_folder_expects_nothing(store: Store) -> None:
    assert expected_of(model(), store) == Expected()


def test_model_whose_folder_is_not_named_is_refused(store: Store) -> None:
    """Nothing would be held against contract and releases, and it would pass."""
    with pytest.raises(BadInput, match="does not say where the folder of tiny is"):
        expected_of(make_model(), store)


def test_contract_is_read(store: Store) -> None:
    (store.physical(FOLDER) / "contract.yaml").write_text(GOOD)
    contract = expected_of(model(), store).contract
    assert contract is not None
    assert [one.name for one in contract.metrics] == ["accuracy", "recall", "rows"]


def test_own_release_and_the_one_before_are_found(store: Store, first: Json) -> None:
    second = successor(first, "1.1.0")
    release_all(store, first, second, successor(second, "1.2.0"))
    found = expected_of(model("1.1.0"), store)
    assert [one.version for one in found.releases] == ["1.0.0", "1.1.0", "1.2.0"]
    assert found.own is not None and found.own.version == "1.1.0"
    assert found.before is not None and found.before.version == "1.0.0"
    assert found.last == found.own


def test_of_a_version_that_is_not_released_the_last_is_the_one_before(store: Store, first: Json) -> None:
    release_all(store, first, successor(first, "1.9.0"))
    found = expected_of(model("1.10.0"), store)
    assert found.own is None
    assert found.last is not None and found.last.version == "1.9.0"


def test_first_release_has_none_before(store: Store, first: Json) -> None:
    release_all(store, first)
    found = expected_of(model(), store)
    assert found.before is None and found.last == found.own


def test_version_that_does_not_increase_is_refused(store: Store, first: Json) -> None:
    release_all(store, first)
    error = refusal(store, "0.9.0")
    assert error.sentence == "version 0.9.0 does not increase: 1.0.0 is released already"
    assert error.advice == "Give model.nix a greater version."


def test_edited_release_is_named_by_its_place_in_the_repository(store: Store, first: Json) -> None:
    folder = release_all(store, first)
    text = (folder / "1.0.0.json").read_text().replace('"accuracy": 0.5', '"accuracy": 0.9')
    (folder / "1.0.0.json").write_text(text)
    assert refusal(store).sentence == (
        "models/tiny/releases/1.0.0.json was edited by hand: its digest does not fit its content"
    )


def test_release_of_another_model_is_named_by_its_place(store: Store, first: Json) -> None:
    release_all(store, sealed({**first, "name": "other"}))
    assert refusal(store).sentence == (
        "models/tiny/releases/1.0.0.json is a release of other, and lies among those of tiny"
    )


def test_broken_chain_is_named_by_its_place(store: Store, first: Json) -> None:
    changed = altered(first, lambda d: d["metrics"]["scalars"].update(accuracy=0.9))
    release_all(store, changed, successor(first, "1.1.0"))
    assert refusal(store, "1.1.0").sentence == (
        "models/tiny/releases/1.1.0.json follows 1.0.0 with another digest than 1.0.0.json has: "
        "that one was edited"
    )


def test_folder_of_releases_that_is_a_link_is_named_by_its_place(store: Store) -> None:
    (store.physical(FOLDER) / "releases").symlink_to("/etc")
    assert refusal(store).sentence == "models/tiny/releases is no plain folder"


def test_wrong_contract_is_named_by_its_place(store: Store) -> None:
    (store.physical(FOLDER) / "contract.yaml").write_text(GOOD.replace("direction", "way", 1))
    assert refusal(store).sentence.startswith("models/tiny/contract.yaml, line 3: unknown key 'way'")


@pytest.mark.parametrize("target", ["/etc/passwd", "missing"])
def test_contract_that_is_a_link_is_refused(store: Store, target: str) -> None:
    """A link that leads nowhere is no missing contract."""
    (store.physical(FOLDER) / "contract.yaml").symlink_to(target)
    assert refusal(store).sentence == "models/tiny/contract.yaml is not a plain file"


def test_history_reads_the_same_releases_and_no_contract(store: Store, first: Json) -> None:
    release_all(store, first)
    (store.physical(FOLDER) / "contract.yaml").write_text("metrics: wrong\n")
    assert [one.version for one in releases_of(model(), store)] == ["1.0.0"]
