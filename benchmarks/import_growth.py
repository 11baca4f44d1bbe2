"""How the seconds and the memory of an import grow with the mail: 1, 2, 4 and 8 times the list archive, in one run.

    .venv/bin/python -m benchmarks.import_growth [TIMES…]

Every copy has other subjects and Message-IDs, so that nothing is a duplicate. Memory is that of the largest process,
the import itself or one that reads ahead; each line tells both beside those of the first.
"""

from __future__ import annotations

import os
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from benchmarks.import_mail import AMITY, ARCHIVE, SETTINGS


def write_copies(source: Path, folder: Path, times: int) -> None:
    """Line by line: a process begins with the peak memory of the one that started it."""
    folder.mkdir()
    for path in sorted(source.glob("*.mbox")):
        for copy in range(times):
            with path.open("rb") as lines, (folder / f"{path.stem}-{copy}.mbox").open("wb") as changed:
                changed.writelines(_changed(line, copy) for line in lines)


def _changed(line: bytes, copy: int) -> bytes:
    if line.startswith(b"Subject: "):
        return b"Subject: copy %d of " % copy + line[9:]
    return line.replace(b"<", b"<%d." % copy, 1) if line[:11].lower() == b"message-id:" else line


def imported(folder: Path, home: Path) -> tuple[float, float]:
    """Seconds, and MB of the largest process."""
    home.mkdir()
    (home / "amity.toml").write_text(SETTINGS)
    began = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    arguments = [AMITY, "--home", str(home), "import", str(folder)]
    number = os.posix_spawn(AMITY, arguments, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(number, 0)
    assert status == 0
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or [1, 2, 4, 8]
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        with tarfile.open(ARCHIVE) as tar:
            tar.extractall(base, filter="data")
        first: tuple[float, float] | None = None
        for times in sizes:
            write_copies(base / "email-list-linux-mips", base / f"mail-{times}", times)
            seconds, megabytes = imported(base / f"mail-{times}", base / f"home-{times}")
            first = first or (seconds / times, megabytes)
            print(
                f"{times} x 9,355 mails: {seconds:6.2f} s = {seconds / first[0]:5.2f} times, "
                f"{megabytes:4.0f} MB = {megabytes / first[1]:4.2f} times",
                flush=True,
            )


if __name__ == "__main__":
    main()
