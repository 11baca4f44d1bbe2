"""What a question costs as a whole process on ten years: 300,000 messages and 30,000 meetings.

    python -m benchmarks.ten_years [FOLDER]

FOLDER keeps the invented home between runs. Beside each command stands the raw limit, taken in turns with it in the
same run: a bare interpreter that asks the views one sum. On an idle machine `time last-week` must answer in 100 ms,
the report and `people` in 500 ms and 300 MB, `inbox` and `waiting` in 350 ms, `person`, `brief` and `who` in 300 ms;
on a busy one the ratio and the processor time tell more than the clock. The first report after news, which reads the
requests of two years off the mail, is printed before the others.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from benchmarks.lives import Life, home

ROUNDS = 7
AS_OF = ["--as-of", "2026-09-20T19:30:00Z"]
QUESTIONS = (
    ["time", "last-week"],
    ["report", "2026-W38"],
    ["report", "last-week"],
    ["inbox"],
    ["waiting"],
    ["inbox", "--json"],
    ["neglected"],
    ["over"],
    ["fading"],
    ["care"],
    ["people"],
    ["people", "--json"],
    ["explain", "p1@y1.org", "2026-W38"],
    ["status"],
    ["person", "p7@y7.org"],
    ["brief", "next"],
    ["who", "contract"],
    ["search", "roadmap", "12"],
)
LIMITS_MS = {"time": 100, "report": 500, "inbox": 350, "waiting": 350, "people": 500, "person": 300, "brief": 300,
             "who": 300}  # fmt: skip
LIMIT_MB = 300
AMITY = "import sys; from amity.cli import program; sys.argv[0] = 'amity'; program()"
BARE = """
import sqlite3, sys
week = (739508, 739515)  # 2026-W38
views = sqlite3.connect(sys.argv[1])
print(views.execute('SELECT sum(minutes) FROM ledger WHERE day >= ? AND day < ?', week).fetchone())
"""


class Run(NamedTuple):
    """One process: seconds by the clock and of the processor, peak memory in MB."""

    wall: float
    cpu: float
    peak: float


def run(code: str, *arguments: str) -> Run:
    """Run Python code as a process of its own and wait for it. Raises SystemExit where it fails."""
    begun = time.perf_counter()
    command = [sys.executable, "-c", code, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise SystemExit(f"{arguments}: {said.decode()}")
    return Run(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def middle(runs: list[Run]) -> Run:
    return Run(*(statistics.median(column) for column in zip(*runs, strict=True)))


def compare(made: Path, question: list[str]) -> bool:
    """Ask in turns with the bare interpreter, the first of each thrown away; print; whether it kept its limit."""
    views = str(made / "views.db")
    both = [(run(BARE, views), run(AMITY, *question, *AS_OF, "--home", str(made))) for _ in range(1 + ROUNDS)][1:]
    bare, ours = middle([one for one, _ in both]), middle([one for _, one in both])
    ratio = statistics.median(two.cpu / one.cpu for one, two in both)
    limit = None if "--json" in question else LIMITS_MS.get(question[0])  # nobody reads thousands of entries
    print(
        f"{' '.join(question):28} {1000 * ours.wall:6.0f} ms, processor {1000 * ours.cpu:6.0f} ms, {ours.peak:4.0f} MB;"
        f" bare {1000 * bare.wall:4.0f} ms, {1000 * bare.cpu:4.0f} ms; {ratio:5.1f} times the bare processor time"
        + (f"; limit {limit} ms" if limit else "")
    )
    return limit is None or (1000 * ours.wall <= limit and ours.peak <= LIMIT_MB)


def measure(folder: Path) -> int:
    life = Life()
    made = home(folder, life)
    built = run(AMITY, "rebuild", "--home", str(made))
    with closing(sqlite3.connect(made / "views.db")) as views:
        tables = ("message", "occurrence", "person")
        counts = [views.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    print("{:,} messages, {:,} meetings, {:,} people".format(*counts))
    print(f"rebuild {built.wall:.1f} s, processor {built.cpu:.1f} s, {built.peak:.0f} MB")
    (made / "requests.db").unlink(missing_ok=True)
    first = run(AMITY, "report", "2026-W38", *AS_OF, "--home", str(made))
    print(f"the first report {1000 * first.wall:.0f} ms, processor {1000 * first.cpu:.0f} ms, {first.peak:.0f} MB")
    kept = [compare(made, question) for question in QUESTIONS]
    return int(not all(kept))


def main() -> int:
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        return measure(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
