from __future__ import annotations

import json
from pathlib import Path

import pytest

from events import transfer
from events.envelope import NewEvent, stream_of
from events.errors import Damaged, UsageError
from events.log import Log, open_log
from events.vocabulary import NoteAdded


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = open_log(f"sqlite:///{tmp_path}/a.db")
    log.append([NewEvent(stream_of(n, "n"), 1, n, NoteAdded(addresses=(), text=f"mark {n}")) for n in range(5)])
    return log


def test_a_line_is_one_event_that_any_program_can_read(log: Log, tmp_path: Path) -> None:
    manifest = transfer.export_log(log, tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out" / manifest.log).read_text().splitlines()]
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[2]["payload"] == {"addresses": [], "text": "mark 2"}
    assert lines[-1]["hash"] == json.loads((tmp_path / "out" / "manifest.json").read_text())["owners"][0]["head"]
    log.close()


def test_the_files_are_the_owners_alone(log: Log, tmp_path: Path) -> None:
    transfer.export_log(log, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    log.close()


def test_a_later_export_replaces_the_earlier_one(log: Log, tmp_path: Path) -> None:
    transfer.export_log(log, tmp_path / "out")
    log.append([NewEvent(stream_of(9, "n"), 1, 9, NoteAdded(addresses=(), text=""))])
    manifest = transfer.export_log(log, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [manifest.log, "manifest.json"]
    assert manifest.owners[0].events == 6
    log.close()


def test_an_export_that_is_interrupted_leaves_the_earlier_one_whole(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer.export_log(log, tmp_path / "out")
    log.append([NewEvent(stream_of(9, "n"), 1, 9, NoteAdded(addresses=(), text=""))])
    for broken in range(2):
        calls = iter(range(9))

        def fail_at(path: Path, target: Path, calls: object = calls, broken: int = broken) -> Path:
            if next(calls) == broken:  # type: ignore[call-overload]  # an iterator
                raise OSError("killed")
            path.rename(target)
            return target

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", fail_at)
            with pytest.raises(OSError, match="killed"):
                transfer.export_log(log, tmp_path / "out")
        with open_log(f"sqlite:///{tmp_path}/copy-{broken}.db") as copy:
            assert transfer.restore_log(copy, tmp_path / "out").owners[0].events == copy.head() == 5
    log.close()


def test_an_empty_log_is_exported_and_restored(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db") as log, open_log(f"sqlite:///{tmp_path}/b.db") as copy:
        transfer.export_log(log, tmp_path / "out")
        transfer.restore_log(copy, tmp_path / "out")
        assert copy.head() == 0


@pytest.mark.parametrize(
    ("manifest", "error"),
    [("{", Damaged), ('{"format": 1}', Damaged), ('{"format":2,"log":"x","owners":[],"cursors":[]}', UsageError),
     ('{"format":1,"log":"gone.jsonl","owners":[],"cursors":[]}', Damaged)],
)  # fmt: skip
def test_a_manifest_that_does_not_fit_is_said(tmp_path: Path, manifest: str, error: type[Exception]) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with open_log(f"sqlite:///{tmp_path}/a.db") as log, pytest.raises(error):
        transfer.restore_log(log, tmp_path)
