"""What `people` shows of each person: counts, first and last, and whether they are shown among people at all."""

from __future__ import annotations

from projections.attribution import MEANINGFUL
from projections.projection import Projection

_RESET = "UPDATE person SET messages_in=0, messages_out=0, meetings=0, first_ms=NULL, last_ms=NULL, promoted=0"
_COUNTS = """
UPDATE person SET
    (messages_in, messages_out) = (SELECT coalesce(sum(a.messages_in), 0), coalesce(sum(a.messages_out), 0)
                                   FROM address a WHERE a.person = person.id),
    (first_ms, last_ms) = (SELECT min(l.first_ms), max(l.last_ms)
                           FROM address a JOIN alias l ON l.address_id = a.id AND l.source = 'mail'
                           WHERE a.person = person.id)"""
# A mail to two addresses of one person is one mail.
_EXACT = """
UPDATE person SET messages_out = (
    SELECT count(DISTINCT m.id)
    FROM address a JOIN member p ON p.address_id = a.id JOIN message m ON m.circle = p.circle
    WHERE a.person = person.id AND m.direction = 'out' AND m.boxes <> 16)
WHERE messages_out > 0 AND id IN (
    SELECT person FROM address WHERE messages_out > 0 GROUP BY person HAVING count(*) > 1)"""
_MEETINGS = """
UPDATE person SET meetings = c.meetings,
    first_ms = min(coalesce(first_ms, c.first), c.first), last_ms = max(coalesce(last_ms, c.last), c.last)
FROM (SELECT person, count(*) meetings, min(at_ms) first, max(at_ms) last FROM touch
      WHERE kind = 'meeting' AND at_ms < ? GROUP BY person) c WHERE c.person = person.id"""
_PROMOTED = f"""
UPDATE person SET promoted = 1 WHERE kind = 'person' AND (
    messages_out > 0
    OR EXISTS (SELECT 1 FROM touch t
               WHERE t.person = person.id AND t.kind IN ('meeting', 'note') AND t.n <= {MEANINGFUL})
    OR EXISTS (SELECT 1 FROM address a JOIN alias l ON l.address_id = a.id AND l.source = 'contact'
               WHERE a.person = person.id))"""


class Standing(Projection):
    """The counts of `person`."""

    name = "standing"
    after = ("touches", "identity")
    indices = "CREATE INDEX address_person ON address(person);\n"

    def settle(self) -> None:
        db = self.store.db
        if not self.store.fresh:  # new rows are as this leaves them
            db.execute(_RESET)
        db.execute(_COUNTS)
        db.execute(_EXACT)
        db.execute(_MEETINGS, (min(self.store.now_ms, self.store.as_of_ms),))
        db.execute(_PROMOTED)


PROJECTION = Standing
