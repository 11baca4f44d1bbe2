"""Import, up to the first answered question, beside what others take for the same 9,355 list messages, in one run.

    .venv/bin/python -m benchmarks.import_mail [ROUNDS]

`standard library` parses the same messages with `email` (compat32) and counts their words: no storage, no answers.
`notmuch new` and `mu index` read the same messages from a Maildir; what is not installed is left out, with a line.
"""

from __future__ import annotations

import email
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHIVE = ROOT.parent / "shared" / "data" / "email-list-linux-mips.tar.gz"
AMITY = str(Path(sys.executable).parent / "amity")
SETTINGS = '[me]\ntimezone = "UTC"\naddresses = ["ralf@linux-mips.org", "macro@mips.com"]\n'


def messages(folder: Path) -> Iterator[bytes]:
    """The raw messages, split the plain way (every separator of these archives stands after a blank line)."""
    for path in sorted(folder.glob("*.mbox")):
        for part in path.read_bytes().split(b"\n\nFrom "):
            yield part.partition(b"\n")[2]


def standard_library(folder: Path) -> int:
    """Parse every message and count the words of its text parts."""
    words = 0
    for raw in messages(folder):
        for part in email.message_from_bytes(raw).walk():
            if part.get_content_maintype() == "text":
                payload = part.get_payload(decode=True)
                words += len(payload.split()) if isinstance(payload, bytes) else 0
    return words


def quiet(*command: str, **environment: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})


def amity(folder: Path, scratch: Path) -> None:
    home = scratch / "home"
    home.mkdir()
    (home / "amity.toml").write_text(SETTINGS)
    quiet(AMITY, "--home", str(home), "import", str(folder))
    quiet(AMITY, "--home", str(home), "time", "2018", "--as-of", "2019-01-01")


def notmuch(maildir: Path, scratch: Path) -> None:
    config = scratch / "notmuch-config"
    config.write_text(f"[database]\npath={maildir}\n[user]\nname=x\nprimary_email=x@x.org\n[new]\ntags=new\n")
    shutil.rmtree(maildir / ".notmuch", ignore_errors=True)
    quiet("notmuch", "new", NOTMUCH_CONFIG=str(config))


def mu(maildir: Path, scratch: Path) -> None:
    home = str(scratch / "mu")
    quiet("mu", "init", f"--muhome={home}", f"--maildir={maildir}")
    quiet("mu", "index", f"--muhome={home}")


def write_maildir(folder: Path, maildir: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    for number, raw in enumerate(messages(folder)):
        (maildir / "cur" / f"{number:06d}.host:2,S").write_bytes(raw)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_scratch(work: Callable[[Path, Path], None], source: Path) -> Callable[[], None]:
    def run() -> None:
        with tempfile.TemporaryDirectory() as scratch:
            work(source, Path(scratch))

    return run


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        with tarfile.open(ARCHIVE) as tar:
            tar.extractall(base, filter="data")
        folder, maildir = base / "email-list-linux-mips", base / "maildir"
        write_maildir(folder, maildir)
        contestants: dict[str, Callable[[], object]] = {
            "standard library": lambda: standard_library(folder),
            "amity, mbox": in_scratch(amity, folder),
            "amity, Maildir": in_scratch(amity, maildir),
        }
        for name, work in (("notmuch", notmuch), ("mu", mu)):
            if shutil.which(name):
                contestants[name] = in_scratch(work, maildir)
            else:
                print(f"{name} is not installed and was left out")
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, contestant in contestants.items():
                times[name].append(timed(contestant))
        base_times = times["standard library"]
        for name, found in times.items():
            ratios = [mine / base for mine, base in zip(found, base_times, strict=True)]
            print(
                f"{name:18} {statistics.median(found):7.2f} s   {statistics.median(ratios):5.2f} x standard library"
                f"  [{min(ratios):.2f} to {max(ratios):.2f}]"
            )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory of the largest child process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
