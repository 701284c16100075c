"""What the files of a site are called: a name may be anything, so its hash tells two apart."""

import hashlib
import re

LONGEST = 40


def slug(name: str, *told_apart_by: str) -> str:
    """Returns a name for a file: what is plain of `name`, and a hash of it and of all else that tells it apart."""
    plain = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:LONGEST].rstrip("-.")
    whole = "\0".join((name, *told_apart_by)).encode("utf-8", "surrogatepass")
    return f"{plain or 'unnamed'}-{hashlib.sha256(whole).hexdigest()[:10]}"


def model_file(name: str) -> str:
    """Returns the page of a model, from the site's folder."""
    return f"models/{slug(name)}.html"


def badge_file(name: str) -> str:
    """Returns the badge of a model, from the site's folder."""
    return f"badges/{slug(name)}.svg"


def failure_file(model: str, version: str, test: str, *told_apart_by: str) -> str:
    """Returns the page of a failed check, from the site's folder."""
    return f"failures/{slug(f'{model[:20]} {version[:10]} {test}', model, version, *told_apart_by)}.html"
