"""The tables of `views.db`, the read models: they may be deleted at any time and come back from the log.

Units: `*_ms` instants in UTC milliseconds; `day` the proleptic ordinal (`date.toordinal()`) of the local day in the
owner's zone; minutes are real numbers. `position` is the log position that a person may walk back to.
`person` columns hold `person.id`; three ids are not people: NOBODY (time alone), BROADCAST and GROUP.
"""

from __future__ import annotations

NOBODY, BROADCAST, GROUP = 0, -1, -2
UNASSIGNED = "unassigned"

TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE checkpoint(name TEXT PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL) WITHOUT ROWID;

-- who: every address ever seen, and the person it stands for today
CREATE TABLE address(
    id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE,
    person INTEGER NOT NULL DEFAULT 0,          -- person.id; 0 while unknown, and for the owner's own addresses
    mine INTEGER NOT NULL DEFAULT 0,            -- 1: one of the owner's own
    listed INTEGER NOT NULL DEFAULT 0,          -- 1: headers or calendars call it a list or a group
    room INTEGER NOT NULL DEFAULT 0,            -- 1: calendars call it a room or a resource
    robotic INTEGER NOT NULL DEFAULT 0, human INTEGER NOT NULL DEFAULT 0,   -- mails from it, by what their headers say
    messages_in INTEGER NOT NULL DEFAULT 0, messages_out INTEGER NOT NULL DEFAULT 0);
CREATE TABLE alias(                             -- every (address, name) pair seen, by where it was seen
    address_id INTEGER NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,  -- mail, meeting, contact
    n INTEGER NOT NULL, first_ms INTEGER, last_ms INTEGER,
    PRIMARY KEY(address_id, name, source)) WITHOUT ROWID;
CREATE TABLE reply_to(                          -- human mail from one address that asks for answers to another
    sender INTEGER NOT NULL, reply_to INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY(sender, reply_to)) WITHOUT ROWID;
CREATE TABLE person(
    id INTEGER PRIMARY KEY,                     -- 48-bit hash of `key`: the same whatever the order of arrival
    key TEXT NOT NULL UNIQUE,                   -- what is printed as id: 'p' and ten characters
    name TEXT NOT NULL, kind TEXT NOT NULL,     -- person, list, room, robot
    promoted INTEGER NOT NULL,                  -- 1: shown among people; 0: only with --all
    first_ms INTEGER, last_ms INTEGER,
    messages_in INTEGER NOT NULL, messages_out INTEGER NOT NULL, meetings INTEGER NOT NULL,
    labels TEXT NOT NULL DEFAULT '[]',          -- JSON list, from contact cards
    why TEXT NOT NULL DEFAULT '[]'              -- JSON list: why its addresses were joined
);

-- what: one row per distinct message, one per occurrence of a meeting, one per note
CREATE TABLE message(
    id INTEGER PRIMARY KEY,                     -- position of its first sighting
    message_id TEXT NOT NULL, thread INTEGER NOT NULL,      -- message.id of the thread's first known message
    at_ms INTEGER, day INTEGER, direction TEXT NOT NULL,    -- out: From is the owner; in: the rest
    sender INTEGER NOT NULL,                    -- address.id, 0 where there is none
    subject TEXT NOT NULL, words INTEGER NOT NULL, body TEXT NOT NULL,
    kind TEXT NOT NULL,                         -- '' from a human; else as in events.vocabulary.MessageObserved
    to_me INTEGER NOT NULL,                     -- 1: the owner is on To; 2: on Cc only
    recipients INTEGER NOT NULL,                -- other people and lists on To, Cc, Bcc
    answers INTEGER NOT NULL DEFAULT 0,         -- message.id that it replies to, 0
    answered_ms INTEGER,                        -- when the owner first replied to it
    asks INTEGER NOT NULL, closer INTEGER NOT NULL,
    says TEXT NOT NULL,                         -- yes, no, later, thanks, ''
    counted INTEGER NOT NULL, reason TEXT NOT NULL,         -- '' when counted
    minutes REAL NOT NULL, multitasking REAL NOT NULL,      -- multitasking: seconds / 60 inside a counted meeting
    goal TEXT NOT NULL, labels TEXT NOT NULL DEFAULT '[]',
    position INTEGER NOT NULL,
    -- what the fold itself needs to go on from here
    circle INTEGER NOT NULL,                    -- circle.id: the others on To, Cc and Bcc
    seen INTEGER NOT NULL,                      -- 1 seen, 0 unread, -1 no source carries such a mark
    boxes INTEGER NOT NULL,                     -- bits of the folders it was seen in (projections.counting.BOXES)
    actor INTEGER NOT NULL,                     -- 1: somebody else sent it in the owner's name
    parent_key INTEGER,                         -- hash of the Message-ID that it replies to
    topic INTEGER,                              -- hash of the bare subject, for mail without any reference
    is_reply INTEGER NOT NULL,                  -- 1: its headers or its subject say that it answers something
    ref_thread INTEGER NOT NULL);               -- thread by references alone, as known when it was first seen
CREATE TABLE circle(                            -- the others on a mail, whom many mails have in common
    id INTEGER PRIMARY KEY,                     -- message.id of the first mail to them
    key INTEGER NOT NULL,                       -- hash of `others`
    others TEXT NOT NULL);                      -- JSON [[address.id on To], [on Cc and Bcc]], the owner's left out
CREATE TABLE member(                            -- each of them; `is_to` 1: on To
    address_id INTEGER NOT NULL, circle INTEGER NOT NULL, is_to INTEGER NOT NULL,
    PRIMARY KEY(address_id, circle)) WITHOUT ROWID;
CREATE TABLE occurrence(
    id INTEGER PRIMARY KEY,                     -- 53-bit hash of uid and original start
    uid TEXT NOT NULL, original_ms INTEGER NOT NULL,        -- the start that the series gave it
    start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, all_day INTEGER NOT NULL, day INTEGER NOT NULL,
    title TEXT NOT NULL, private INTEGER NOT NULL, calendar TEXT NOT NULL, labels TEXT NOT NULL DEFAULT '[]',
    recurring INTEGER NOT NULL, mine INTEGER NOT NULL,      -- mine: the owner organises
    organizer INTEGER NOT NULL,                 -- address.id, 0 where there is none
    booked INTEGER NOT NULL,
    answer TEXT NOT NULL,                       -- the owner's: organizer, accepted, tentative, needs-action, declined;
                                                -- or the owner's word on it: attended, no-show
    tier INTEGER NOT NULL,                      -- evidence: 0 attended, 1 organiser, accepted, 2 tentative, 3 no reply
    n INTEGER NOT NULL,                         -- other human participants after cleaning; 19 and more: a broadcast
    counted INTEGER NOT NULL, reason TEXT NOT NULL, flag TEXT NOT NULL DEFAULT '',  -- flag: deleted_after_end, …
    clock REAL NOT NULL,                        -- minutes it earned
    goal TEXT NOT NULL, goal_source TEXT NOT NULL,
    position INTEGER NOT NULL,                  -- the sighting it is told from
    verdict TEXT NOT NULL,                      -- the reason by F1 alone, before the day is looked at ('' counts)
    opens INTEGER NOT NULL,                     -- 1: creating it was an initiative (of a series: once in 28 days)
    away INTEGER NOT NULL,                      -- 1: an out-of-office interval of the owner
    marked TEXT NOT NULL);                      -- the goal that the owner named
CREATE TABLE attendance(                        -- the others in an occurrence; `takes_part` 0: declined, or a room
    occurrence INTEGER NOT NULL, address_id INTEGER NOT NULL, answer TEXT NOT NULL, kind TEXT NOT NULL,
    takes_part INTEGER NOT NULL,
    PRIMARY KEY(occurrence, address_id)) WITHOUT ROWID;
CREATE TABLE note(
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, day INTEGER NOT NULL, person INTEGER NOT NULL,
    text TEXT NOT NULL, minutes REAL NOT NULL, goal TEXT NOT NULL,
    address_id INTEGER NOT NULL);               -- the address it was written down for
CREATE TABLE decision(
    position INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL,
    undone_by INTEGER NOT NULL DEFAULT 0);
CREATE TABLE run(                               -- one row per completed import or sync run
    position INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, source TEXT NOT NULL, stream TEXT NOT NULL,
    seen INTEGER NOT NULL, stored INTEGER NOT NULL, duplicates INTEGER NOT NULL, skipped TEXT NOT NULL,
    problems INTEGER NOT NULL, error TEXT NOT NULL DEFAULT '');

-- how long: every minute, by local day, thing, person and goal
CREATE TABLE ledger(
    day INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,                   -- from when on it was known to count (a mail: when it was answered)
    channel TEXT NOT NULL,                      -- meeting, mail, note, solo
    item INTEGER NOT NULL,                      -- occurrence.id, message.id or note.id
    person INTEGER NOT NULL, goal TEXT NOT NULL,
    minutes REAL NOT NULL,                      -- attributed: clock split over the participants
    face REAL NOT NULL,                         -- unsplit time in the same interaction; never summed over people
    PRIMARY KEY(day, channel, item, person, goal)) WITHOUT ROWID;   -- its order is part of the answer: sums are floats
CREATE TABLE daily(                             -- the day as a whole, computed on a second way: conservation is checked
    day INTEGER PRIMARY KEY, meeting REAL NOT NULL, mail REAL NOT NULL, solo REAL NOT NULL,
    broadcast REAL NOT NULL, multitasking REAL NOT NULL, conflict REAL NOT NULL,
    ooo REAL NOT NULL,                          -- minutes of out-of-office
    note REAL NOT NULL,                         -- minutes of notes; part of `meeting`
    day_off INTEGER NOT NULL);                  -- 1: an all-day out-of-office entry of mine

-- who and when: the interactions that judgements read
CREATE TABLE touch(
    person INTEGER NOT NULL, at_ms INTEGER NOT NULL, item INTEGER NOT NULL,
    kind TEXT NOT NULL,                         -- meeting, in, out, note
    n INTEGER NOT NULL,                         -- other people in it
    qualifying INTEGER NOT NULL,                -- 1: keeps the relation in touch (F6)
    opened TEXT NOT NULL,                       -- mine, theirs, '': who initiated here (F7)
    reply_ms INTEGER,                           -- for in and out: how long after the message that it answers
    position INTEGER NOT NULL,
    -- of mails alone
    seconds REAL,                               -- of writing, by one measure for both sides, split over the others
    expects INTEGER,                            -- 1: an answer could be hoped for: from them (out), from the owner (in)
    answered_ms INTEGER,                        -- when it was first answered: by this person (out), by the owner (in)
    PRIMARY KEY(person, at_ms, item, kind)) WITHOUT ROWID;
CREATE TABLE rhythm(                            -- of the qualifying touches of a person, whenever they are (F6)
    person INTEGER PRIMARY KEY, last_ms INTEGER NOT NULL, kind TEXT NOT NULL,       -- the last one's
    gaps TEXT NOT NULL,                         -- ms between the last episodes, comma-separated, at most twelve
    positions TEXT NOT NULL,                    -- of the last five, comma-separated
    tau REAL, own REAL);                        -- days: the usual gap and its spread; null while too few gaps tell
CREATE TABLE tally(                             -- the touches of a person counted, whenever they are (F7)
    person INTEGER PRIMARY KEY,
    mine INTEGER NOT NULL, theirs INTEGER NOT NULL,         -- initiations
    sent INTEGER NOT NULL, met INTEGER NOT NULL,            -- mails to them; meetings of at most 18 others
    first_ms INTEGER NOT NULL, last_ms INTEGER,             -- last: of the qualifying ones
    contacts INTEGER NOT NULL, small INTEGER NOT NULL,      -- qualifying ones; of these, with at most two others
    newest_ms INTEGER NOT NULL);                            -- of all
CREATE TABLE absence(                           -- person 0: the owner; half-open
    person INTEGER NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, position INTEGER NOT NULL);
CREATE TABLE cadence(                           -- the numbers of F6, for `v_cadence`; written by who asks for them
    person INTEGER PRIMARY KEY, elapsed_days REAL, usual_days REAL, ratio REAL, z REAL, p REAL, state TEXT NOT NULL);
"""

# Made after a rebuild has loaded the tables: a sort each, instead of a search per row.
INDICES = """
CREATE INDEX message_day ON message(day);
CREATE INDEX message_thread ON message(thread);
CREATE INDEX message_parent ON message(parent_key) WHERE parent_key IS NOT NULL;
CREATE INDEX message_topic ON message(topic) WHERE topic IS NOT NULL;
CREATE INDEX occurrence_day ON occurrence(day);
CREATE INDEX occurrence_uid ON occurrence(uid);
CREATE INDEX attendance_address ON attendance(address_id);
"""
LATE_INDICES = """
CREATE INDEX ledger_person ON ledger(person, day);
"""

_DAY = "date(({} - 719163) * 86400, 'unixepoch')"  # 719163: the ordinal of 1970-01-01
_THURSDAY = "date({}, '-3 days', 'weekday 4')"  # it decides which ISO week a day is in


def _week(day: str) -> str:
    thursday = _THURSDAY.format(day)
    return f"printf('%s-W%02d', strftime('%Y', {thursday}), (strftime('%j', {thursday}) - 1) / 7 + 1)"


def _utc(ms: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {ms} / 1000, 'unixepoch')"


def _named(column: str) -> str:
    others = f"WHEN {BROADCAST} THEN '(broadcast)' WHEN {GROUP} THEN '(group)'"
    return f"CASE l.person {others} ELSE coalesce(p.{column}, '') END"


# What `amity query` is documented to show, a line for each row.
VIEWS = f"""
CREATE VIEW v_time AS SELECT {_DAY.format("l.day")} AS day, {_week(_DAY.format("l.day"))} AS week,
    {_named("key")} AS person_id, {_named("name")} AS person,
    l.goal, l.channel, l.minutes
    FROM ledger l LEFT JOIN person p ON p.id = l.person;
CREATE VIEW v_people AS SELECT key AS id, name, kind, promoted, {_utc("first_ms")} AS first, {_utc("last_ms")} AS last,
    messages_in, messages_out, meetings FROM person;
CREATE VIEW v_contacts AS SELECT p.key AS person_id, p.name AS person, a.address, l.name, l.source, l.n
    FROM alias l JOIN address a ON a.id = l.address_id JOIN person p ON p.id = a.person;
CREATE VIEW v_meetings AS SELECT uid, CASE private WHEN 1 THEN '(private)' ELSE title END AS title,
    {_utc("start_ms")} AS start_utc, {_utc("end_ms")} AS end_utc, all_day, counted, reason,
    clock AS clock_minutes, n, goal, position FROM occurrence;
CREATE VIEW v_messages AS SELECT message_id, thread, {_utc("at_ms")} AS at_utc, direction, subject, words,
    minutes, counted, reason, goal, position FROM message;
CREATE VIEW v_cadence AS SELECT p.key AS person_id, p.name AS person, elapsed_days, usual_days, ratio, z, p, state
    FROM cadence c JOIN person p ON p.id = c.person"""
