"""`python -m tests.world.evaluate --seeds 50`: the program beside the truth of many planted worlds.

Prints precision and recall of each judgement over all seeds and dates, and whom it got wrong: + named and should not be
- missed, ( ) named although the truth says nothing of them. Two processes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from tests.home import Home
from tests.world import check, lists
from tests.world.check import Score
from tests.world.make import World, make
from tests.world.plot import Plot

PROCESSES = 2


class Result(NamedTuple):
    seed: int
    scores: dict[str, Score]
    ranks: list[float]  # of `goal plan`
    seconds: float


def home_of(folder: Path, seed: int, change: Callable[[Plot], None] | None = None) -> tuple[Home, World]:
    """A home in which a planted world was imported."""
    home = Home(folder)
    world = make(seed, home.inbox, change)
    home.settings(world.settings)
    home.json("import", *map(str, world.paths), as_of=None)
    home.as_of = world.truth.as_of.isoformat()
    return home, world


def evaluate(seed: int) -> Result:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        home, world = home_of(Path(folder), seed)
        scores = check.judge_all(home, world.truth)
        scores |= {name: score(home, world.truth) for name, score in LISTS.items()}
        ranks = lists.planning(home, world.truth)
    return Result(seed, scores, ranks, time.monotonic() - began)


LISTS = {
    "who": lists.knowing,
    "intros": lists.introducing,
    "inbox": lists.requested,
    "inbox states": lists.settled,
    "asks": lists.asked,
    "introducers": lists.introduced,
    "order": lists.ordered,
    "names": lists.named,
    "leaks": lists.leaking,
}


def _results(seeds: range) -> Iterator[Result]:
    """As they come; a process that was killed ends it with an error instead of being waited for."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        waiting = [pool.submit(evaluate, seed) for seed in seeds]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _told(name: str, score: Score) -> str:
    counts = f"{score.hits:5} {score.missed:6} {score.false:5} {score.right:6}"
    return f"{name:12} {score.precision:9.3f} {score.recall:7.3f} {counts}\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.world.evaluate")
    parser.add_argument("--seeds", type=int, default=50, metavar="N", help="how many worlds")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first of them")
    wanted = parser.parse_args()
    total: dict[str, Score] = {}
    ranks: list[float] = []
    out = sys.stdout.write
    for done, result in enumerate(_results(range(wanted.first, wanted.first + wanted.seeds)), 1):
        wrong = {name: score.wrong for name, score in result.scores.items() if score.wrong}
        out(f"{done:3} of {wanted.seeds}: seed {result.seed}, {result.seconds:.1f} s {wrong or 'all right'}\n")
        sys.stdout.flush()
        ranks += result.ranks
        for name, score in result.scores.items():
            total.setdefault(name, Score()).add(score)
    out("\njudgement    precision  recall  hits missed false  right\n")
    for name, score in total.items():
        out(_told(name, score))
    if ranks:
        out(f"goal plan    MRR {sum(ranks) / len(ranks):.3f} over {len(ranks)} goals\n")
    for name, score in total.items():
        for label, times in Counter(one.partition(":")[0] for one in score.wrong).most_common(6):
            out(f"  {name} {label} {times}\n")
        for label, times in Counter(score.unjudged).most_common(6):
            out(f"  {name} ({label}) {times}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
