"""Runs a keyless world until Ctrl-C and prints what to type."""

import argparse
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

from tests.keyless import World

WORDS = """\
A keyless world runs at {url} until you press Ctrl-C. Whoever asks it becomes whom he likes:
its keys die with it; trust its root for trying out, never for anything else.

Sign a bundle, as {signer}, and verify it:

  .venv/bin/verifier sign BUNDLE --keyless --trust-config {world.trust_config} \\
      --identity-token-file {token}
  .venv/bin/verifier verify BUNDLE --signer {signer} --issuer {url} \\
      --trusted-root {world.trusted_root}

Become somebody else (an e-mail address, or a URL as machines have):

  curl -s '{url}/token?signer=somebody@example.org' > {token}

Other clients: `sigstore --trust-config` and `model_signing sign sigstore --trust_config` take the first file,
cosign takes --signing-config {world.signing_config} and --trusted-root.
"""


def main() -> None:
    """Starts the world, prints, waits."""
    parser = argparse.ArgumentParser(prog="python -m tests.keyless", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where its files go (a temporary folder)")
    parser.add_argument(
        "--signer", default="you@example.org", help="whom the first token names (%(default)s)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="keyless-") as own:
        _run(arguments.folder or Path(own), arguments.signer)


def _run(folder: Path, signer: str) -> None:
    with World.start(folder) as world, suppress(KeyboardInterrupt):
        token = folder / "token"
        token.write_text(world.token(signer, lifetime=timedelta(hours=12)))
        print(WORDS.format(url=world.issuer, world=world, token=token, signer=signer), flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
