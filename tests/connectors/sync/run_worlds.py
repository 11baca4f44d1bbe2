"""Random worlds for the loop, each from its seed: `python -m tests.connectors.sync.run_worlds N [SEED]`.

A world that fails names its seed; the same command with `1 SEED` plays it again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.connectors.sync.simulation import Disk, World

SHARED = Path("/dev/shm")  # noqa: S108  memory: nothing of it is kept


def play(disk: Disk, seed: int) -> World:
    """One world from its seed, up to `settle`; the caller checks it."""
    dice = Random(seed)  # noqa: S311  a world is to be played again
    world = World(disk, f"seed {seed} {time.monotonic_ns()}", page=dice.choice((1, 2, 3, 5)))
    world.untidy = dice.random() < 0.4
    boxes = dice.choice((1, 2, 5))
    for _ in range(dice.randint(0, 14)):
        world.add(dice.randrange(boxes), dice.randrange(3))
    for _ in range(dice.randint(1, 25)):
        step(world, dice, boxes)
    world.settle()
    return world


def step(world: World, dice: Random, boxes: int) -> None:
    """One thing that happens."""
    box, pick, text = dice.randrange(boxes), dice.randrange(100), dice.randrange(3)
    request, skew = dice.randrange(12), dice.choice((0, 9e4, -9e4))
    moves: tuple[tuple[float, Callable[[], object]], ...] = (
        (4, lambda: world.add(box, text)),
        (4, lambda: world.change(box, pick, text)),
        (2, lambda: world.vary(box, pick, text)),
        (3, lambda: world.remove(box, pick)),
        (3, lambda: world.move(box, pick)),
        (2, lambda: world.copy(box, pick, text)),
        (1, lambda: world.spoil(box, pick)),
        (1, lambda: world.hide(box, pick)),
        (1, lambda: world.expire(box)),
        (1, lambda: world.recreate(box)),
        (0.4, lambda: world.toggle(box)),
        (1, lambda: world.wait(dice.choice((10, 100, 10_000)))),
        (4, world.run),
        (0.5, lambda: world.run(full=True)),
        (3, lambda: world.run_killed(dice.randrange(14), before=dice.random() < 0.5)),
        (2, lambda: world.run_beside(request % 4, late=dice.random() < 0.6, skew=skew, change=pick)),
        (1, lambda: world.run_throttled(request, dice.choice((None, 0.0, 5.0, 40.0, 3_000.0, 5e5)))),
        (1, lambda: world.run_expired(request, dice.randint(1, 4))),
        (1, lambda: world.run_broken(request)),
        (2, lambda: world.run_shifting(request, pick)),
        (1, lambda: world.run_blind(box, dice.randrange(2))),
    )
    dice.choices([move for _, move in moves], [weight for weight, _ in moves])[0]()


def main(count: int, first: int) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None) as folder:
        disk = Disk(f"sqlite:///{folder}/worlds.db")
        for seed in range(first, first + count):
            try:
                play(disk, seed).check()
            except BaseException:
                print(f"seed {seed} fails")  # noqa: T201  it talks to the person who runs it
                raise
        disk.log.close()
    print(f"{count} worlds from seed {first} on: all right, in {time.monotonic() - began:.1f} s")  # noqa: T201  likewise
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
