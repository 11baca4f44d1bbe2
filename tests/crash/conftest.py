"""The shim, compiled once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import absent
from tests.crash.harness import build_shim, compiler


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cc = compiler()
    if cc is None:
        absent("no C compiler here: crash points cannot be enumerated (install cc, gcc or clang)")
    return build_shim(str(cc), tmp_path_factory.mktemp("shim"))
