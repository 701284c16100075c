"""The program of the check `MODEL-self-contained`: proves that a bundle needs nothing beside itself."""

import os
import sys
from pathlib import Path

from builder.runtime.packaging.scan import files_with_store_paths


def main() -> int:
    """Returns 0 and writes $out if the closure of $bundle is $bundle and no file in it names a store path."""
    bundle, out = Path(os.environ["bundle"]), Path(os.environ["out"])
    # Nix writes each path of the closure, its deriver, the count of its references, and these, a line each.
    closure = {line for line in Path("closure").read_text().splitlines() if line.startswith("/nix/store/")}
    needed = sorted(path for path in closure if not path.endswith(".drv") and path != str(bundle))
    named = files_with_store_paths(bundle)
    for problem in [f"refers to {path}" for path in needed] + [
        f"{file} names a store path" for file in named
    ]:
        print(f"error: the bundle {problem}", file=sys.stderr)
    if not needed and not named:
        out.write_text("the bundle stands on its own\n")
    return 1 if needed or named else 0


if __name__ == "__main__":
    sys.exit(main())
