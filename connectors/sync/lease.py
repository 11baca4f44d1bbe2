"""Who holds a lease, and whether a holder on this machine has ended without letting go of it."""

from __future__ import annotations

import os
import secrets

SECONDS = 300.0  # longer than any page takes; a holder that was killed here is noticed at once
_BOOT = "/proc/sys/kernel/random/boot_id"


def new_holder() -> str:
    """A name for one run: machine, process, and a number of its own."""
    return f"{_machine()}/{os.getpid()}/{secrets.token_hex(4)}"


def is_dead(holder: str) -> bool:
    """Whether the process has certainly ended; False for one elsewhere. A mistake costs work, never facts."""
    machine, _, rest = holder.rpartition("/")[0].rpartition("/")
    if machine != _machine() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _machine() -> str:
    """The machine since it was started; within a container, the container."""
    name = os.uname().nodename
    try:
        with open(_BOOT, encoding="ascii") as file:  # noqa: PTH123  read once a run
            return f"{name}-{file.read().strip()[:8]}"
    except OSError:
        return name
