"""`python -m tests.world SEED FOLDER`: write a planted world into a new folder, its truth beside it in `truth.json`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.world.make import make


def main() -> int:
    if len(sys.argv) != 3:
        sys.stderr.write("usage: python -m tests.world SEED FOLDER\n")
        return 2
    folder = Path(sys.argv[2])
    (folder / "files").mkdir(parents=True)
    world = make(int(sys.argv[1]), folder / "files")
    (folder / "truth.json").write_text(json.dumps(asdict(world.truth), indent=1, default=str), encoding="utf-8")
    for path in world.paths:
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
