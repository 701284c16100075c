"""What it costs to ask a policy too: the whole gate of a real bundle, against its signatures alone."""

import sys
from pathlib import Path

from benchmarks.measure import Figure, run, timed

ROUNDS = 5
VERIFIER = [sys.executable, "-m", "verifier"]
POLICY = """schema: samebits/policy/v1
parties:
  ci: {{ operator: ci, keys: ["{key}"] }}
models: {{ digits: low }}
revocations: {{ by: [ci], max_age: 1d }}
tiers:
  low:
    level: bitwise
    sign: [ci]
    statements: [signature, contract, evaluation, rebuild, provenance]
    variations: []
    rebuilders: {{ count: 1, of: [ci] }}
    approvals: {{ count: 0, by: [] }}
    verified_within: 1d
    formats: [safetensors, json, text]
    metrics: [{{ name: accuracy, minimum: 0.9 }}]
    rollback: refused
{licences}"""


def gating(flake: str, scratch: Path) -> Figure:
    """Returns the gate on `digits`, admitted and installed, against `verifier verify --key` of the same bundle."""
    folder = scratch / "gating"
    folder.mkdir()
    bundle = _released(flake, folder)
    gate = [*VERIFIER, "verify", str(bundle), "--policy", str(folder / "policy.yaml")]
    gate += ["--revocations", str(folder / "revocations.json"), "--ledger", str(folder / "ledger.sqlite")]
    gate += ["--install", str(folder / "deployed")]
    plain = [*VERIFIER, "verify", str(bundle), "--key", str(folder / "key.pub")]
    ours, peer = [], []
    for _ in range(ROUNDS):
        ours.append(timed(lambda: run(gate)))
        peer.append(timed(lambda: run(plain)))
    return Figure(
        what="the gate on digits, with ledger and install, the start included",
        seconds=ours,
        aim="under 1 s",
        peer="verifier verify --key",
        peer_seconds=peer,
    )


def _released(flake: str, folder: Path) -> Path:
    """Builds, checks and signs digits, and writes what a gate asks for."""
    key, public, check = folder / "key.pem", folder / "key.pub", folder / "check.json"
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)])
    run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)])
    wanted = ["--again", "--vary", "none", "--out", str(folder), "--json", str(check)]
    run([*VERIFIER, "check", "digits", "--flake", flake, *wanted])
    bundle = folder / "digits"
    contract = str(Path(flake) / "models" / "digits" / "contract.yaml")
    run([*VERIFIER, "sign", str(bundle), "--key", str(key), "--check", str(check), "--contract", contract])
    pem = public.read_text(encoding="ascii").replace("\n", "\\n")
    licences = run([*VERIFIER, "policy", "licences", str(bundle)])
    indented = "".join(f"    {line}\n" for line in licences.splitlines())
    (folder / "policy.yaml").write_text(POLICY.format(key=pem, licences=indented), encoding="utf-8")
    (folder / "list.yaml").write_text("number: 1\n", encoding="utf-8")
    run(
        [
            *VERIFIER,
            "revoke",
            str(folder / "list.yaml"),
            "--key",
            str(key),
            "-o",
            str(folder / "revocations.json"),
        ]
    )
    run([*VERIFIER, "audit", "begin", "--ledger", str(folder / "ledger.sqlite")])
    return bundle
