"""The first settings file: commented, with the owner's zone and addresses in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from zoneinfo import ZoneInfo

_TEXT = """\
# What Amity should know about you. Plain text, yours, fit for git. Mistakes are reported with their line and column.

[me]
timezone  = {zone}
addresses = {addresses}          # all your own addresses: without them nobody knows what you sent
hours     = "Mon-Fri 09:00-17:30"

# What your time is for. Take the "# " away and change the words; weights add up to 1.
# [goals.launch]
# weight = 0.60
# weekly = "10h"                                       # target; scaled by available days / 5
# match  = ["launch", "label:v2", "calendar:Product"]  # title words, labels, calendars
# people = {{ "ana@example.org" = 0.5, "bo@example.org" = 0.5 }}
# public = false                                       # true: may appear on the "now" page
#
# [goals.growth]
# solo   = true                                        # fed by time alone, never by people
# weekly = "4h"

# Circles, and how often you want to be in touch.
# [tiers.close]
# every   = "14d"
# members = ["ana@example.org", "label:Family"]

# What you want with one person.
# [people."victor@example.org"]
# max       = "1h/week"
# every     = "6w"
# protected = false                                    # true: never called over-invested

[policy]
attendance = "auto"       # strict | inclusive | auto: whether meetings count that you never answered
email      = "words"      # words | flat: how the time of a mail is told
bodies     = "never"      # never | snippets | full: what of a message body is kept on disk
# care_floor = "25%"      # how much of your time with people those who care about you are to have
"""


def settings_text(zone: str, addresses: list[str]) -> str:
    """The text of a new amity.toml."""
    return _TEXT.format(
        zone=json.dumps(zone), addresses=json.dumps([address.strip().lower() for address in addresses])
    )


def machine_zone() -> str:
    """The zone of this machine: TZ, then what /etc/localtime points at, then /etc/timezone; UTC where none is known."""
    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    target = str(Path("/etc/localtime").resolve())
    candidates.append(target.partition("/zoneinfo/")[2].removeprefix("posix/"))
    try:
        candidates.append(Path("/etc/timezone").read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        candidates.append("")
    return next((name for name in candidates if _known(name)), "UTC")


def _known(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name).key == name
    except (ValueError, OSError, KeyError):
        return False
