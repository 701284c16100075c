"""What comes to the target's place while a bundle is copied is somebody else's, and is left as it is."""

from pathlib import Path

import pytest

from tests.unit.bundles import write_bundle
from verifier.errors import BadInput
from verifier.gate.install import staged
from verifier.signing.contents import read_contents


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "tiny")


def commit_after(change: object, bundle: Path) -> None:
    """Installs a bundle; `change` is made to the target once all is copied."""
    target = bundle.parent / "deployed"
    with staged(bundle, read_contents(bundle), target) as stage:
        change(target)  # type: ignore[operator]
        stage.commit()


def left(bundle: Path) -> list[str]:
    return [path.name for path in bundle.parent.iterdir() if ".installing-" in path.name]


def test_folder_that_comes_meanwhile_is_not_removed(bundle: Path) -> None:
    def fill(target: Path) -> None:
        target.mkdir()
        (target / "letter").write_text("dear")

    with pytest.raises(BadInput, match="is there, and is no installed bundle"):
        commit_after(fill, bundle)
    assert (bundle.parent / "deployed" / "letter").read_text() == "dear"
    assert left(bundle) == []


def test_link_that_comes_meanwhile_leads_nowhere(bundle: Path) -> None:
    elsewhere = bundle.parent / "elsewhere"
    (elsewhere / "inner").mkdir(parents=True)
    for folder in (elsewhere, elsewhere / "inner"):
        folder.chmod(0o750)
    with pytest.raises(BadInput, match="is there, and is no installed bundle"):
        commit_after(lambda target: target.symlink_to(elsewhere), bundle)
    assert (bundle.parent / "deployed").is_symlink()
    assert [folder.stat().st_mode & 0o777 for folder in (elsewhere, elsewhere / "inner")] == [0o750, 0o750]
    assert left(bundle) == []


def test_link_to_a_bundle_is_no_bundle(bundle: Path) -> None:
    with pytest.raises(BadInput, match="is there, and is no installed bundle"):
        commit_after(lambda target: target.symlink_to(bundle), bundle)
    assert (bundle.parent / "deployed").is_symlink()
    assert left(bundle) == []


def test_bundle_that_comes_meanwhile_is_exchanged(bundle: Path) -> None:
    commit_after(write_bundle, bundle)
    assert (bundle.parent / "deployed").stat().st_mode & 0o777 == 0o555
    assert left(bundle) == []


def test_what_fails_elsewhere_is_not_said_of_the_target(bundle: Path) -> None:
    target = bundle.parent / "deployed"
    with pytest.raises(PermissionError, match="summary"), staged(bundle, read_contents(bundle), target):
        raise PermissionError(13, "Permission denied", "summary")
    assert left(bundle) == []
