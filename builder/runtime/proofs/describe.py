"""Prints, as JSON, what a process that has seen nothing but a safetensors file finds in it.

Usage: python -m builder.runtime.proofs.describe FILE
"""

import json
import sys
from pathlib import Path

from builder.runtime.proofs.library import described

if __name__ == "__main__":
    print(json.dumps(described(Path(sys.argv[1]))))
