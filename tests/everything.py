"""What `./run test` runs: lint, layers, types, then the whole suite against the built wheel in its own environment.

With arguments they go to pytest alone, in the development environment: `./run test -k attribution`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def step(title: str, *command: str, cwd: Path = ROOT) -> bool:
    """Run one step; what it prints is its own explanation."""
    print(f"── {title}", flush=True)
    began = time.monotonic()
    code = subprocess.run(command, cwd=cwd, check=False).returncode
    verdict = "passed" if code == 0 else f"FAILED (exit {code})"
    print(f"── {title}: {verdict} in {time.monotonic() - began:.0f} s\n", flush=True)
    return code == 0


def wheel_environment(folder: Path) -> Path:
    """A fresh environment that holds our wheel; third parties are taken from the development environment.

    A path line in a `.pth` file does not process the `.pth` files behind it, so the editable install stays out of
    sight: a wheel that lacks a package fails here.
    """
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        pip = ["/usr/bin/python3", "-m", "pip", "--disable-pip-version-check", "--quiet", "--python", sys.executable]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder / "dist"), str(ROOT)], check=True
    )
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    site = next((folder / "env" / "lib").glob("python3*/site-packages"))
    wheel = next((folder / "dist").glob("amity-*.whl"))
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    third_parties = next((BIN.parent / "lib").glob("python3*/site-packages"))
    (site / "third_parties.pth").write_text(f"{third_parties}\n")
    return python


def main() -> int:
    if sys.argv[1:]:
        os.chdir(ROOT)
        return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], check=False).returncode
    passed = [
        step("lint (ruff)", str(BIN / "ruff"), "check", "."),
        step("layers (import-linter)", str(BIN / "lint-imports"), "--no-cache"),
        step("types (mypy --strict)", str(BIN / "mypy")),
    ]
    folder = Path(tempfile.mkdtemp(prefix="amity-wheel-"))
    try:
        python = wheel_environment(folder)
        suite = [str(python), "-I", "-m", "pytest", "-n", "2", "--dist", "worksteal"]
        passed.append(step("tests, against the wheel", *suite))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not all(passed):
        print("run test: something above failed; each failing step says where. One step alone: ./run test tests/PATH")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
