"""Whether a mail earns minutes (F4), and if not, why."""

from __future__ import annotations

BOXES = {"sent": 1, "inbox": 2, "trash": 4, "spam": 8, "draft": 16}
ELSEWHERE = 32
AWAY_MS = 7 * 86_400_000  # (ours) an out-of-office reply does not say until when; their next mail does, or a week
TRASH, SPAM, DRAFT = BOXES["trash"], BOXES["spam"], BOXES["draft"]

# What a mail is by its headers -> the reason it does not count. Nothing here is written to one person.
REASONS = {
    "list": "bulk",
    "bulk": "bulk",
    "automatic": "automatic",
    "bounce": "automatic",
    "out_of_office": "automatic",
    "invitation": "invitation",
}
LISTS = frozenset({"list", "bulk"})


def by_kind(kind: str, at_ms: int | None = 0) -> str:
    """Give the reason by the mail's kind and date alone: "" for a dated mail from a human to humans."""
    if not kind:
        return "no_date" if at_ms is None else ""
    return REASONS.get(kind, "automatic")


def sent(kind: str, boxes: int, *, actor: bool) -> str:
    """Tell why a mail of mine does not count; "" where it does.

    What I write to a list is my time, whatever headers the list has put on its copy.
    """
    if boxes == DRAFT:
        return "draft"
    if actor:
        return "actor"
    return "" if kind in LISTS else by_kind(kind)


def received(kind: str, sender: str, boxes: int, seen: int, *, to_me: bool, answered: bool, dialogue: bool) -> str:
    """Tell why a received mail does not count; "" where it does.

    `sender`: person, list, room or robot. `seen`: 1, 0, or -1 where no source carries such a mark; then what is to me
    and was not thrown away counts as read. `dialogue`: a list's mail that I answered, or that answers mine.
    """
    if kind and not (dialogue and kind in LISTS):
        return by_kind(kind)
    if sender != "person":
        return "bulk" if sender == "list" else "automatic"
    if not to_me and not dialogue:
        return "not_to_me"
    return "" if answered else _unopened(boxes, seen)


def _unopened(boxes: int, seen: int) -> str:
    if not boxes & ~SPAM:
        return "spam"
    if seen == 0:
        return "unread"
    return "deleted" if seen < 0 and not boxes & ~(TRASH | SPAM) else ""
