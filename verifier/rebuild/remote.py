"""A rebuilder's address: `ssh-ng://[user@]host`, with the parameters that Nix knows."""

import os
import re
import shlex
from dataclasses import dataclass
from urllib.parse import parse_qs

from verifier.errors import BadInput
from verifier.nix import Store

ADDRESS = re.compile(
    r"ssh-ng://((?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.:_-]*)(?:\?([A-Za-z0-9&=/._%+~-]*))?"
)
FORM = "Name another machine's store as ssh-ng://user@host; docs/guides/rebuilders.md says how it is set up."


@dataclass(frozen=True, kw_only=True)
class Remote:
    """Another machine with a Nix: its address as it was given, the host, and what Nix is told of its store."""

    uri: str
    host: str
    key: str | None
    store_root: str | None

    @property
    def store(self) -> Store:
        """The store, as Nix reaches it."""
        return Store(uri=self.uri)

    def ssh(self, words: list[str]) -> list[str]:
        """Returns the command that runs `words` there, with the options that Nix is given for ssh too."""
        options = shlex.split(os.environ.get("NIX_SSHOPTS", ""))
        identity = ["-i", self.key] if self.key else []
        # No word of it is one of ours to read: a host that begins with a dash is refused above.
        return ["ssh", *options, *identity, "-o", "BatchMode=yes", self.host, "--", shlex.join(words)]


def parse_remote(uri: str) -> Remote:
    """Reads an address.

    Raises:
        BadInput: it is none.
    """
    found = ADDRESS.fullmatch(uri)
    if found is None:
        raise BadInput(f"{uri!r} is no rebuilder", advice=FORM)
    parameters = {name: values[-1] for name, values in parse_qs(found[2] or "").items()}
    return Remote(
        uri=uri,
        host=found[1],
        key=parameters.get("ssh-key"),
        store_root=parameters.get("remote-store"),
    )
