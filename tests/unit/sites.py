"""What a site is gathered from, as files: verdicts of a model `tiny`, its folder, its bundle."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.bundles import list_files, write_bundle
from tests.unit.released import make_document, put, store_path, successor
from tests.unit.traces import write_trace
from verifier.report.document import run_document
from verifier.report.run import Run, Trouble
from verifier.signing import oms, results
from verifier.signing.contents import read_contents
from verifier.signing.sign import KeySigner, write_statements
from verifier.site.gather import gather
from verifier.site.records import ModelPage, Site
from verifier.verdict import Origin, Row, Status, Times, Verdict

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TIME = "2026-11-26T10:00:00Z"
USED = {"train": {"wall_seconds": 1.5, "device": "cpu"}}
CONTRACT = """\
owner: maintainers
tier: low
approvers: [alice, bob]
escalation: call the desk
intended_use: showing how it is done
metrics:
  - name: accuracy
    direction: higher
    tolerance: { absolute: 0.01 }
    minimum: 0.4
    reason: one image of a hundred
"""
Json = dict


def row(subject: str = "train", status: Status = Status.PASSED, **fields: object) -> Row:
    detail = "equal" if status is Status.PASSED else "other bytes"
    return Row(**{"check": "rebuild", "subject": subject, "status": status, "detail": detail, **fields})


def verdict(version: str = "1.0.0", rows: tuple[Row, ...] = (row(),), **fields: object) -> Verdict:
    """A verdict of two builds that were made for it."""
    times = Times(started="2026-11-26T09:00:00Z", finished="2026-11-26T09:30:00Z", nix="2.8.0")
    origin = Origin(
        derivation=store_path("package.drv"), flake="git+file:///models", first=times, second=times
    )
    said = {
        "model": "tiny",
        "version": version,
        "rows": rows,
        "bundle": f"tiny-{version}-0123456789ab",
        "path": store_path("tiny"),
        "surroundings": "in an empty store",
        "origin": origin,
        "owner": "maintainers",
        "escalation": "call the desk",
        "metrics": {"accuracy": 0.5, "recall of classes/3": 0.25},
        "resources": {"first": USED, "second": USED},
    }
    return Verdict(**{**said, **fields})


def document(*verdicts: Verdict, time: str = TIME, troubles: tuple[Trouble, ...] = ()) -> Json:
    found = run_document(Run(time=time, verdicts=verdicts, troubles=troubles))
    return json.loads(json.dumps(found))


def older(found: Json) -> Json:
    """The same as the first format had it."""
    verdicts = [
        {key: value for key, value in one.items() if key not in ("owner", "escalation", "metrics")}
        for one in found["verdicts"]
    ]
    for one in verdicts:
        one["rows"] = [{key: value for key, value in row.items() if key != "place"} for row in one["rows"]]
    errors = [{key: value for key, value in one.items() if key != "place"} for one in found["errors"]]
    schema = {"schema": "samebits/verdicts/v1", "exit_code": found["exit_code"]}
    return {**schema, "verdicts": verdicts, "errors": errors}


def trouble(model: str = "tiny") -> Trouble:
    return Trouble(model=model, sentence="the flake is gone", advice="Find it.", exit_code=2)


def put_verdicts(path: Path, value: Mapping[str, object] | str | bytes) -> Path:
    """Writes a file of verdicts, right or wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = value if isinstance(value, bytes | str) else json.dumps(value)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def put_model(models: Path, *versions: str, contract: str = CONTRACT) -> Path:
    """Writes models/tiny with a contract and releases, the first of which is 1.0.0."""
    folder = models / "tiny"
    folder.mkdir(parents=True)
    (folder / "contract.yaml").write_text(contract)
    for one in chain(models.parent / "made", *versions):
        put(folder / "releases", one)
    return folder


def chain(scratch: Path, *versions: str) -> list[Json]:
    found: list[Json] = []
    for version in versions:
        found.append(successor(found[-1], version) if found else make_document(scratch))
    return found


def put_bundle(bundles: Path, *, signed: bool = True) -> Path:
    """Writes a bundle of `tiny` with a trace, and statements beside it."""
    bundle = write_bundle(bundles / "tiny")
    write_trace(bundle / "training" / "trace", 20)
    list_files(bundle)
    if signed:
        contents = read_contents(bundle)
        said = {
            "signature": oms.oms_statement(contents.identifier, contents.files),
            "evaluation": results.evaluation(contents),
        }
        write_statements(
            said, KeySigner(ec.generate_private_key(ec.SECP256R1())), bundles / "tiny.statements"
        )
    return bundle


def site(**named: object) -> Site:
    """Gathers what is named."""
    nothing = {"verdicts": [], "ledger": None, "models": None, "bundles": None, "policy": None, "now": NOW}
    return gather(**{**nothing, **named})


def page(**named: object) -> ModelPage:
    """Gathers what is named, of the one model of which anything is known."""
    (found,) = site(**named).models
    return found
