"""`make(seed, folder)`: a year and a half of one invented owner as ordinary files, and the truth about it.

The same seed gives the same bytes. Rhythms, counts, languages, mail programs, zones and kinds of files differ by seed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.world import mailfiles, otherfiles
from tests.world.cast import asking, caring, friends, knowing, noise, working
from tests.world.plot import Plot
from tests.world.values import Truth

CAST = (friends, working, caring, asking, knowing, noise)  # friends first: they say when the owner is away


class World(NamedTuple):
    """`paths` is what there is to import; `settings` the text of amity.toml."""

    paths: list[Path]
    settings: str
    truth: Truth


def plot_of(seed: int) -> Plot:
    plot = Plot(seed)
    for planter in CAST:
        planter.plant(plot)
    return plot


def make(seed: int, folder: Path, change: Callable[[Plot], None] | None = None) -> World:
    """Write the files into `folder`, which exists; of the world as it is, or after `change`."""
    plot = plot_of(seed)
    if change is not None:
        change(plot)
    tongue_of = {address: who.language for who in plot.people for address in who.addresses}
    paths = mailfiles.write(folder, plot.mails, tongue_of, plot.end, seed)
    paths += otherfiles.write_calendars(folder, plot)
    paths += otherfiles.write_cards(folder, plot)
    settings = otherfiles.settings(plot)
    (folder / "amity.toml").write_text(settings, encoding="utf-8")
    return World(paths, settings, plot.truth)
