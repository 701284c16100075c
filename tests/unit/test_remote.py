"""The address of a rebuilder, and the words that ssh is given."""

import pytest

from verifier.errors import BadInput
from verifier.rebuild.remote import parse_remote


@pytest.mark.parametrize(
    ("uri", "host", "key", "root"),
    [
        ("ssh-ng://second.example.org", "second.example.org", None, None),
        ("ssh-ng://builder@second", "builder@second", None, None),
        ("ssh-ng://127.0.0.1?remote-store=/srv/store", "127.0.0.1", None, "/srv/store"),
        ("ssh-ng://h?ssh-key=/k&remote-store=/s", "h", "/k", "/s"),
    ],
)
def test_address_is_read(uri: str, host: str, key: str | None, root: str | None) -> None:
    found = parse_remote(uri)
    assert (found.host, found.key, found.store_root, found.store.uri) == (host, key, root, uri)


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "",
            "host",
            "ssh://host",
            "ssh-ng://",
            "ssh-ng:///path",
            "ssh-ng://-oProxyCommand=x",
            "ssh-ng://a b",
        ),
        *(
            "ssh-ng://a;b",
            "ssh-ng://a\n",
            "ssh-ng://u@-x",
            "ssh-ng://a?x=$(id)",
            "--store=x",
            "ssh-ng://a@b@c",
        ),
    ],
)
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(BadInput, match="is no rebuilder"):
        parse_remote(uri)


def test_words_are_quoted_for_the_shell_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_SSHOPTS", "-p 2222 -o 'User Known=x'")
    argv = parse_remote("ssh-ng://u@h?ssh-key=/k").ssh(["verifier", "attest", "/nix/store/x; rm -r /"])
    assert argv[:6] == ["ssh", "-p", "2222", "-o", "User Known=x", "-i"]
    assert argv[-3:] == ["u@h", "--", "verifier attest '/nix/store/x; rm -r /'"]
