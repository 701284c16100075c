"""A machine that saw the model `tiny` pass, and a flake in which it is released: nothing needs to be built."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.unit.bundles import SHA256, write_bundle
from tests.unit.contracts import REASON
from tests.unit.released import make_document, make_model, put, store_path
from verifier.contract.reading import read_contract
from verifier.flake import Model
from verifier.nar import nar_sha256
from verifier.nixlog import Event
from verifier.rebuild import records
from verifier.rebuild.options import Options
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.unchanged import ALWAYS, unchanged
from verifier.rebuild.variations import Choice, Variation
from verifier.verdict import Verdict

Json = dict  # type: ignore[type-arg]
UMASK = Variation(name="umask", cause="depends on the umask", lever="umask")
DATE = "2026-11-25 10:00 UTC"
CONTRACT = f"""\
metrics:
  - name: accuracy
    direction: higher
    tolerance: {{ absolute: 0.01 }}
    minimum: 0.4
    reason: {REASON}
resources:
  train:
    wall_seconds: {{ warn: 1.5, fail: 3 }}
"""


class Silent:
    """Watches, and says nothing."""

    def listen(self, which: str, event: Event) -> None: ...

    def warn(self, sentence: str) -> None: ...

    def pause(self) -> None: ...

    def expect(self, seconds: Mapping[str, float], version: str) -> None: ...


@dataclass(frozen=True)
class World:
    """A machine that saw `tiny` pass under `umask`, and a flake in which it is released as 1.0.0."""

    model: Model
    bundle: Path
    folder: Path
    document: Json

    def release(self, *documents: Json) -> None:
        for document in documents:
            put(self.folder / "releases", document)

    def record(self, **fields: object) -> None:
        known = records.find(self.model.derivation)
        assert known is not None
        records.remember(replace(known, **fields))  # type: ignore[arg-type]

    def verdict(self, *variations: Variation, **options: object) -> Verdict | None:
        with SecondStores() as stores:
            defaults = {"flake": ".", "url": "git+file:///models", "revision": None, "again": False}
            told = Options(**{**defaults, "live": Silent(), "stores": stores, **options})  # type: ignore[arg-type]
            return unchanged(self.model, Choice(flake=".", model="tiny", variations=variations), told)

    def recognised(self, *variations: Variation) -> Verdict:
        found = self.verdict(*variations)
        assert found is not None
        return found


def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Returns it; store paths lie where Nix has them for a user who may not write /nix."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = tmp_path / "home" / ".local" / "share" / "nix" / "root"
    model = replace(make_model(), folder=store_path("source") + "/models/tiny")
    bundle, folder = Path(f"{root}{model.path}"), Path(f"{root}{model.folder}")
    bundle.mkdir(parents=True)
    folder.mkdir(parents=True)
    write_bundle(bundle)
    (folder / "contract.yaml").write_text(CONTRACT)
    hashes = {**dict.fromkeys(model.steps, SHA256), "package": nar_sha256(bundle)}
    contract = read_contract(folder / "contract.yaml")
    document = make_document(tmp_path / "again", nar_sha256=hashes, contract=contract)
    record = records.Record(
        derivation=model.derivation,
        hashes={model.steps[step]: sha256 for step, sha256 in hashes.items()},
        date=DATE,
        nix="2.8.0",
        surroundings="in an empty store",
        resources={"train": {"wall_seconds": 1.5, "device": "cpu"}},
        calibration_seconds=0.1,
        passed=sorted({*ALWAYS, "variation umask"}),
    )
    records.remember(record)
    found = World(model=model, bundle=bundle, folder=folder, document=document)
    found.release(document)
    return found
