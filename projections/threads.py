"""Who answers what, across messages: parents that came later, answers found by subject, threads that grew together."""

from __future__ import annotations

import msgspec

from projections.projection import Projection
from projections.store import REACH_MS

SUBJECT_WINDOW_MS = 30 * 86_400_000  # (ours) a reply by subject alone comes within thirty days

_SAME_TOPIC = """
SELECT topic, m.id, at_ms, direction, sender, others, is_reply, answers FROM message m JOIN circle c ON c.id = m.circle
WHERE topic IS NOT NULL AND at_ms IS NOT NULL {among} ORDER BY topic, at_ms, m.id"""
# Nobody answers by a subject of which no mail says that it answers: most are of one mail.
_REPLIED = "AND topic IN (SELECT topic FROM message NOT INDEXED WHERE is_reply AND topic IS NOT NULL)"
_ANSWERED = """
UPDATE message SET answered_ms = (
    SELECT min(a.at_ms) FROM message a WHERE a.answers = message.id AND a.answers <> 0 AND a.direction = 'out')
WHERE id IN (SELECT value FROM json_each(?))"""
_ALL_ANSWERED = """
UPDATE message SET answered_ms = a.first FROM (
    SELECT answers, min(at_ms) AS first FROM message WHERE answers <> 0 AND direction = 'out' GROUP BY answers) a
WHERE a.answers = message.id AND a.first IS NOT NULL"""
_EDGES = """
SELECT m.ref_thread, p.ref_thread FROM message m JOIN message p ON p.id = m.answers
WHERE m.topic IS NOT NULL AND m.answers <> 0 ORDER BY m.id"""
_EDGES_OF = """
SELECT m.ref_thread, p.ref_thread FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
JOIN message p ON p.id = m.answers ORDER BY m.id"""
_FINAL = """
UPDATE message SET thread = f.final FROM thread_final f
WHERE f.thread = message.ref_thread AND message.thread <> f.final AND message.id IN (SELECT value FROM json_each(?))"""


class _Mail(msgspec.Struct, gc=False):
    id: int
    at_ms: int
    people: frozenset[int]  # everybody but me
    sender: int
    is_mine: bool


class ThreadsAcross(Projection):
    """`message.answers`, `message.answered_ms` and `message.thread`: what one message says about another."""

    name = "threads"
    after = ("messages",)
    tables = """
CREATE TABLE thread_final(                      -- threads that were joined: by references, or by an answer's subject
    thread INTEGER PRIMARY KEY, final INTEGER NOT NULL);
"""
    indices = "CREATE INDEX message_answers ON message(answers) WHERE answers <> 0;\n"

    def settle(self) -> None:
        new = self.store.dirty_messages
        if not new and not self.store.fresh:
            return
        self._find_late_parents(new)
        found = self._find_by_subject(new)
        left = {before for _, _, before in found} - {0}
        self._set_answered(new, left)
        self._join_threads([id_ for _, id_, _ in found])
        if not self.store.fresh:
            self.store.select_in(_FINAL, new)
            self._mark_days(new | left)

    def _find_late_parents(self, new: set[int]) -> None:
        """Connect answers that came before what they answer."""
        found = self.store.select_in(_WAITING, self.store.late_keys)
        self.store.db.executemany("UPDATE message SET answers = ? WHERE id = ?", found)
        new.update(child for _, child in found)

    def _find_by_subject(self, new: set[int]) -> list[tuple[int, int, int]]:
        """Connect a mail without references whose subject says "Re:" with the latest that it can be an answer to.

        Returns what changed: what it answers, the mail, and what was taken for answered by it before.
        """
        if self.store.fresh:
            rows = self.store.db.execute(_SAME_TOPIC.format(among=_REPLIED))
        else:
            among = "AND topic IN (SELECT topic FROM message WHERE id IN (SELECT value FROM json_each(?)))"
            rows = iter(self.store.select_in(_SAME_TOPIC.format(among=among), new))  # type: ignore[assignment]
        found: list[tuple[int, int, int]] = []
        topic: int | None = None
        earlier: list[_Mail] = []
        for row_topic, id_, at_ms, direction, sender, others, is_reply, answers in rows:
            if row_topic != topic:
                topic, earlier = row_topic, []
            is_mine = direction == "out"
            people = frozenset(sum(msgspec.json.decode(others), [] if is_mine else [sender]))
            mail = _Mail(id_, at_ms, people, sender, is_mine)
            answered = _answered_by(mail, earlier) if is_reply else 0
            if answered != answers:
                found.append((answered, id_, answers))
            earlier.append(mail)
        self.store.db.executemany("UPDATE message SET answers = ? WHERE id = ?", [one[:2] for one in found])
        if not self.store.fresh:
            new.update(id_ for _, id_, _ in found)
        return found

    def _set_answered(self, new: set[int], left: set[int]) -> None:
        if self.store.fresh:
            self.store.db.execute(_ALL_ANSWERED)
            return
        sql = "SELECT answers FROM message WHERE answers <> 0 AND id IN (SELECT value FROM json_each(?))"
        found = {answers for (answers,) in self.store.select_in(sql, new)}
        self.store.select_in(_ANSWERED, found | left)

    def _join_threads(self, by_subject: list[int]) -> None:
        """Give every thread its final name: the smallest of those that were joined with it.

        `by_subject`: the mails that answer by their subject, in a fresh run all that there are.
        """
        db, fresh = self.store.db, self.store.fresh
        into = dict(db.execute("SELECT thread, target FROM thread_into"))
        edges = self.store.select_in(_EDGES_OF, by_subject) if fresh else db.execute(_EDGES)
        for one, other in edges:
            low, high = sorted((_find(into, one), _find(into, other)))
            if low != high:
                into[high] = low
        final = {thread: _find(into, thread) for thread in into}
        before = dict(db.execute("SELECT thread, final FROM thread_final"))
        changed = {thread for thread in final.keys() | before if final.get(thread) != before.get(thread)}
        db.execute("CREATE TEMP TABLE renamed(thread INTEGER PRIMARY KEY, final INTEGER)")
        rows = [(thread, final.get(thread, thread)) for thread in sorted(changed)]
        db.executemany("INSERT INTO temp.renamed VALUES (?, ?)", rows)
        if rows:
            db.execute(
                "UPDATE message SET thread = r.final FROM temp.renamed r "
                f"WHERE r.thread = message.{'thread' if fresh else 'ref_thread'} AND message.thread <> r.final"
            )  # a fresh thread is named by its references, and has an index
            self.store.dirty_threads.update(thread for _, thread in rows)
            self.store.dirty_threads.update(before[thread] for thread in changed if thread in before)
        db.execute("DROP TABLE temp.renamed")
        db.execute("DELETE FROM thread_final")
        db.executemany("INSERT INTO thread_final VALUES (?, ?)", sorted(final.items()))

    def _mark_days(self, new: set[int]) -> None:
        """A thread shares its goal and its answers: whatever changed in it, all its days are computed anew."""
        sql = "SELECT DISTINCT thread FROM message WHERE id IN (SELECT value FROM json_each(?))"
        threads = {thread for (thread,) in self.store.select_in(sql, new)} | self.store.dirty_threads
        sql = (
            "SELECT DISTINCT at_ms FROM message WHERE thread IN (SELECT value FROM json_each(?)) AND at_ms IS NOT NULL"
        )
        for (at_ms,) in self.store.select_in(sql, threads):
            self.store.touch_days(at_ms - REACH_MS, at_ms + REACH_MS)


_WAITING = """
SELECT k.message, m.id FROM mail_key k JOIN message m ON m.parent_key = k.key AND m.answers = 0 AND k.message <> 0
WHERE k.key IN (SELECT value FROM json_each(?))"""


def _answered_by(mail: _Mail, earlier: list[_Mail]) -> int:
    """Give the latest of the earlier mails that it can answer: their sender gets it, and its sender had got theirs."""
    for before in reversed(earlier):
        if mail.at_ms - before.at_ms > SUBJECT_WINDOW_MS:
            return 0
        if mail.is_mine and not before.is_mine and before.sender in mail.people:
            return before.id
        if not mail.is_mine and mail.sender in before.people and (before.is_mine or before.sender in mail.people):
            return before.id
    return 0


def _find(into: dict[int, int], thread: int) -> int:
    while (target := into.get(thread, thread)) != thread:
        thread = target
    return thread


PROJECTION = ThreadsAcross
