"""What it costs to verify a bundle of 4 GB: against the hash function itself, and against model_signing."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from verifier.flake import describe
from verifier.nix import Store
from verifier.rebuild.folders import copy_tree, make_writable

ROUNDS = 3
LARGE, LARGE_BYTES = 4, 900_000_000
SMALL, SMALL_BYTES = 10_000, 40_000
SIZES = "4 GB in 4 large and 10,000 small files"
# As many at a time as there are cores: of large files each for itself, of small ones many for each start.
HASH_ALL = (
    "find {folder} -type f -size +1M -print0 | xargs -0 -P {cores} -n 1 openssl dgst -sha256 > /dev/null; "
    "find {folder} -type f ! -size +1M -print0 | xargs -0 -P {cores} -n 2500 openssl dgst -sha256 > /dev/null"
)


def verifying(flake: str, scratch: Path) -> Iterator[Figure]:
    """Yields our verification against `openssl dgst` and model_signing, its memory, and its start."""
    small = _signed(flake, scratch / "small")
    yield Figure(
        what="verifier verify of digits, the start included",
        seconds=[timed(lambda: run(_ours(small))) for _ in range(5)],
        aim="under 0.5 s",
    )
    folder = scratch / "large" / "bundle"
    shutil.copytree(small, folder)
    _fill(folder)
    _sign(folder)
    hash_all = ["sh", "-c", HASH_ALL.format(folder=folder, cores=os.cpu_count())]
    theirs = [str(Path(sys.executable).parent / "model_signing"), "verify", "key", str(folder)]
    theirs += ["--signature", str(_signature(folder)), "--public_key", str(folder.parent / "key.pub")]
    run(hash_all)  # into the page cache
    ours, limit, peer = [], [], []
    for _ in range(ROUNDS):
        limit.append(timed(lambda: run(hash_all)))
        ours.append(timed(lambda: run(_ours(folder))))
        peer.append(timed(lambda: run(theirs)))
    what = f"verifier verify, {SIZES}"
    yield Figure(
        what=what, seconds=ours, aim="at most 1.11", peer="openssl dgst, parallel", peer_seconds=limit
    )
    yield Figure(what=what, seconds=ours, aim="under 1", peer="model_signing verify", peer_seconds=peer)
    print(f"its memory: {_peak_megabytes(_ours(folder)):.0f} MB; aim under 200", flush=True)


def _signed(flake: str, folder: Path) -> Path:
    """Returns a copy of the digits bundle, with a key beside it and signed."""
    (digits,) = describe(flake, ["digits"])
    bundle = folder / "bundle"
    copy_tree(Store().physical(digits.path), bundle)
    make_writable(bundle)
    _sign(bundle)
    return bundle


def _sign(bundle: Path) -> None:
    key, public = bundle.parent / "key.pem", bundle.parent / "key.pub"
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)])
    run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)])
    run([sys.executable, "-m", "verifier", "sign", str(bundle), "--key", str(key)])


def _signature(bundle: Path) -> Path:
    return next(bundle.with_name(f"{bundle.name}.statements").glob("signature-*"))


def _ours(bundle: Path) -> list[str]:
    return [sys.executable, "-m", "verifier", "verify", str(bundle), "--key", str(bundle.parent / "key.pub")]


def _fill(bundle: Path) -> None:
    """Adds files of no meaning to a bundle and its manifest: no weights, which the bill of materials lists too."""
    random_bytes = random.Random(1).randbytes(1 << 20)
    entries = []
    sizes = {f"training/large-{n}.bin": LARGE_BYTES for n in range(LARGE)}
    sizes |= {f"evaluation/{n % 100}/{n}.bin": SMALL_BYTES for n in range(SMALL)}
    for number, (name, size) in enumerate(sizes.items()):
        path = bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with path.open("wb") as file:
            file.write(header := number.to_bytes(8, "little"))
            digest.update(header)
            for start in range(8, size, len(random_bytes)):
                file.write(part := random_bytes[: size - start])
                digest.update(part)
        entries.append({"path": name, "size": size, "sha256": digest.hexdigest()})
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] += entries
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _peak_megabytes(argv: Sequence[str]) -> float:
    """Returns the most memory that a program held at once."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{argv[0]} failed")
    return used.ru_maxrss * 1024 / 1e6
