"""A model's folder: releases with their gaps, bands of the contract, and whose the model is."""

import json
from pathlib import Path

import pytest

from tests.unit.contracts import GOOD, read
from tests.unit.released import OTHER, altered, put
from tests.unit.sites import CONTRACT, chain, document, page, put_model, put_verdicts, site, verdict
from verifier.contract.values import Metric
from verifier.errors import BadInput
from verifier.site.bands import bands_of


def test_folder_says_whose_a_model_is_and_what_it_released(tmp_path: Path) -> None:
    put_model(tmp_path / "models", "1.0.0", "1.2.0", "1.10.0")
    found = page(models=tmp_path / "models")
    assert (found.owner, found.tier, found.escalation) == ("maintainers", "low", "call the desk")
    assert found.intended_use == "showing how it is done"
    assert [one.version for one in found.releases] == ["1.0.0", "1.2.0", "1.10.0"]
    first = found.releases[0]
    assert (first.date, first.level) == ("2026-11-25", "bitwise")
    assert first.metrics == {"accuracy": 0.5}
    assert first.resources == {"train": {"wall_seconds": 1.5, "peak_memory_bytes": 2}}
    assert found.gaps == ()


def test_contract_counts_before_what_verdicts_say_of_the_owner(tmp_path: Path) -> None:
    put_model(tmp_path / "models", contract=CONTRACT.replace("maintainers", "others"))
    put_verdicts(tmp_path / "a.json", document(verdict()))
    assert page(models=tmp_path / "models", verdicts=[tmp_path / "a.json"]).owner == "others"


def test_band_lies_around_the_last_release(tmp_path: Path) -> None:
    put_model(tmp_path / "models", "1.0.0")
    band = page(models=tmp_path / "models").bands["accuracy"]
    assert (band.baseline, band.low, band.high) == (0.5, 0.49, 0.51)
    assert (band.minimum, band.maximum, band.reason) == (0.4, None, "one image of a hundred")


def test_band_of_every_class_is_each_class_s_own(tmp_path: Path) -> None:
    own = "  - { name: recall, slice: classes/1, direction: higher, tolerance: exact, minimum: 0.9 }\n"
    contract = read(tmp_path, GOOD.replace("resources:", f"{own}resources:"))
    values = {Metric("recall", "classes/1"): 0.95, Metric("recall", "classes/2"): 0.5}
    bands = bands_of(contract, values)
    exact, relative = bands["recall classes/1"], bands["recall classes/2"]
    assert (exact.low, exact.baseline, exact.high, exact.minimum) == (0.95, 0.95, 0.95, 0.9)
    assert (relative.low, relative.high, relative.minimum) == (0.49, 0.51, None)
    assert (bands["accuracy"].baseline, bands["accuracy"].low, bands["accuracy"].minimum) == (None, None, 0.9)


def test_model_without_a_release_has_the_bounds_alone(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models")
    found = page(models=tmp_path / "models")
    assert found.bands["accuracy"].baseline is None
    assert found.gaps == (f"There is no {folder / 'releases'}: this model has no release.",)


def test_release_that_was_removed_is_a_gap_and_the_others_are_shown(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models", "1.0.0", "1.1.0", "1.2.0")
    (folder / "releases" / "1.1.0.json").unlink()
    found = page(models=tmp_path / "models")
    assert [one.version for one in found.releases] == ["1.0.0", "1.2.0"]
    (gap,) = found.gaps
    assert gap.endswith("but 1.0.0 is the one before it: a release was removed, added or renamed.")


def test_release_that_was_edited_is_a_gap_once(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models", "1.0.0", "1.1.0", "1.2.0")
    path = folder / "releases" / "1.1.0.json"
    path.write_text(path.read_text().replace('"accuracy": 0.5', '"accuracy": 0.9'))
    found = page(models=tmp_path / "models")
    assert [one.version for one in found.releases] == ["1.0.0", "1.2.0"]
    assert found.gaps == (f"{path} was edited by hand: its digest does not fit its content.",)


def test_release_that_was_replaced_is_a_gap(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models", "1.0.0", "1.1.0")
    first = chain(tmp_path / "again", "1.0.0")[0]
    put(folder / "releases", altered(first, lambda one: one["weights"].update({"weights/x": OTHER})))
    (gap,) = page(models=tmp_path / "models").gaps
    assert gap.endswith("that one was edited.")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": "samebits/release/v2"}', "{}"])
def test_damaged_release_is_a_gap(content: str, tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models", "1.0.0")
    path = folder / "releases" / "1.1.0.json"
    path.write_text(content)
    found = page(models=tmp_path / "models")
    assert [one.version for one in found.releases] == ["1.0.0"]
    (gap,) = found.gaps
    assert gap.startswith(str(path))


def test_folder_of_releases_that_is_a_link_is_a_gap(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models")
    (folder / "releases").symlink_to(tmp_path)
    assert page(models=tmp_path / "models").gaps == (f"{folder / 'releases'} is no plain folder.",)


def test_metric_that_no_number_holds_is_a_gap(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models")
    first = chain(tmp_path / "made", "1.0.0")[0]
    put(folder / "releases", altered(first, lambda one: one["metrics"]["scalars"].update({"huge": 10**400})))
    found = page(models=tmp_path / "models")
    assert found.releases == () and "too large" in found.gaps[0]


def test_wrong_contract_is_a_gap_and_the_releases_are_shown(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models", "1.0.0", contract="metrics: seven\n")
    found = page(models=tmp_path / "models")
    assert (found.owner, found.bands, len(found.releases)) == ("", {}, 1)
    assert found.gaps[0].startswith(f"{folder / 'contract.yaml'}, line 1: 'metrics' is 'seven'")


def test_missing_contract_is_a_gap(tmp_path: Path) -> None:
    (put_model(tmp_path / "models", "1.0.0") / "contract.yaml").unlink()
    assert (
        page(models=tmp_path / "models")
        .gaps[0]
        .endswith("nobody is named as the owner, and no tolerance is drawn.")
    )


def test_what_is_no_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "models" / "__pycache__").mkdir(parents=True)
    (tmp_path / "models" / "README.md").write_text("models")
    put_model(tmp_path / "models")
    (tmp_path / "models" / "link").symlink_to(tmp_path / "models" / "tiny")
    assert [one.name for one in site(models=tmp_path / "models").models] == ["tiny"]


def test_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        site(models=tmp_path / "gone")


def test_without_releases_the_newest_check_of_each_version_is_drawn(tmp_path: Path) -> None:
    for hour, one in enumerate((verdict(), verdict("1.1.0"), verdict(metrics={"accuracy": 0.75}))):
        put_verdicts(tmp_path / f"{hour}.json", document(one, time=f"2026-11-26T0{hour}:00:00Z"))
    found = page(verdicts=[tmp_path])
    assert [(one.version, one.date) for one in found.releases] == [
        ("1.0.0", "2026-11-26"),
        ("1.1.0", "2026-11-26"),
    ]
    assert found.releases[0].metrics == {"accuracy": 0.75}
    assert found.releases[1].metrics == {"accuracy": 0.5, "recall classes/3": 0.25}
    assert found.releases[1].resources == {"train": {"wall_seconds": 1.5}}
    assert found.gaps[-1].startswith("No release was read")


def test_version_that_is_none_is_not_drawn(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", json.dumps(document(verdict("newest"))))
    found = page(verdicts=[tmp_path])
    assert found.releases == () and found.outcomes[0].version == "newest"
