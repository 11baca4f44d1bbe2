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
    person INTEGER NOT NULL DEFAULT 0           -- person.id; 0 while unknown, and for the owner's own addresses
);
CREATE TABLE alias(                             -- every (address, name) pair seen, by where it was seen
    address_id INTEGER NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,  -- mail, meeting, contact
    n INTEGER NOT NULL, first_ms INTEGER, last_ms INTEGER,
    PRIMARY KEY(address_id, name, source)) WITHOUT ROWID;
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
    kind TEXT NOT NULL,                         -- '' from a human; list, bulk, automatic, bounce, out_of_office, invitation
    to_me INTEGER NOT NULL,                     -- 1: the owner is on To or Cc
    recipients INTEGER NOT NULL,                -- other people and lists on To, Cc, Bcc
    answers INTEGER NOT NULL DEFAULT 0,         -- message.id that it replies to, 0
    answered_ms INTEGER,                        -- when the owner first replied to it
    asks INTEGER NOT NULL, closer INTEGER NOT NULL,
    counted INTEGER NOT NULL, reason TEXT NOT NULL,         -- '' when counted
    minutes REAL NOT NULL, multitasking REAL NOT NULL,      -- multitasking: seconds / 60 inside a counted meeting
    goal TEXT NOT NULL, labels TEXT NOT NULL DEFAULT '[]',
    position INTEGER NOT NULL);
CREATE INDEX message_day ON message(day);
CREATE INDEX message_thread ON message(thread);
CREATE TABLE party(                             -- who stands on a message; the sender has role 'from'
    address_id INTEGER NOT NULL, message INTEGER NOT NULL, role TEXT NOT NULL,  -- from, to, cc, bcc
    PRIMARY KEY(address_id, message, role)) WITHOUT ROWID;
CREATE TABLE occurrence(
    id INTEGER PRIMARY KEY,                     -- 53-bit hash of uid and original start
    uid TEXT NOT NULL, original_ms INTEGER NOT NULL,        -- the start that the series gave it
    start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, all_day INTEGER NOT NULL, day INTEGER NOT NULL,
    title TEXT NOT NULL, private INTEGER NOT NULL, calendar TEXT NOT NULL, labels TEXT NOT NULL DEFAULT '[]',
    recurring INTEGER NOT NULL, mine INTEGER NOT NULL,      -- mine: the owner organises
    organizer INTEGER NOT NULL,                 -- address.id, 0 where there is none
    booked INTEGER NOT NULL,
    answer TEXT NOT NULL,                       -- the owner's: organizer, accepted, tentative, needs-action, declined, attended, no-show
    tier INTEGER NOT NULL,                      -- evidence: 0 said attended, 1 organiser or accepted, 2 tentative, 3 no reply
    n INTEGER NOT NULL,                         -- other human participants after cleaning; 19 and more: a broadcast
    counted INTEGER NOT NULL, reason TEXT NOT NULL, flag TEXT NOT NULL DEFAULT '',  -- flag: deleted_after_end, …
    clock REAL NOT NULL,                        -- minutes it earned
    goal TEXT NOT NULL, goal_source TEXT NOT NULL,
    position INTEGER NOT NULL);                 -- the sighting it is told from
CREATE INDEX occurrence_day ON occurrence(day);
CREATE INDEX occurrence_uid ON occurrence(uid);
CREATE TABLE attendance(                        -- the others in an occurrence, cleaned; `takes_part` 0: declined or room
    occurrence INTEGER NOT NULL, address_id INTEGER NOT NULL, answer TEXT NOT NULL, kind TEXT NOT NULL,
    takes_part INTEGER NOT NULL,
    PRIMARY KEY(occurrence, address_id)) WITHOUT ROWID;
CREATE INDEX attendance_address ON attendance(address_id);
CREATE TABLE note(
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, day INTEGER NOT NULL, person INTEGER NOT NULL,
    text TEXT NOT NULL, minutes REAL NOT NULL, goal TEXT NOT NULL);
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
    from_ms INTEGER NOT NULL,                   -- from when on this was known to count (a read mail: when it was answered)
    channel TEXT NOT NULL,                      -- meeting, mail, note, solo
    item INTEGER NOT NULL,                      -- occurrence.id, message.id or note.id
    person INTEGER NOT NULL, goal TEXT NOT NULL,
    minutes REAL NOT NULL,                      -- attributed: clock split over the participants
    face REAL NOT NULL);                        -- unsplit time in the same interaction; never summed over people
CREATE INDEX ledger_day ON ledger(day);
CREATE INDEX ledger_person ON ledger(person, day);
CREATE TABLE daily(                             -- the day as a whole, computed on a second way: conservation is checked
    day INTEGER PRIMARY KEY, meeting REAL NOT NULL, mail REAL NOT NULL, solo REAL NOT NULL,
    broadcast REAL NOT NULL, multitasking REAL NOT NULL, conflict REAL NOT NULL,
    ooo REAL NOT NULL,                          -- minutes of out-of-office
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
    PRIMARY KEY(person, at_ms, item, kind)) WITHOUT ROWID;
CREATE TABLE absence(                           -- person 0: the owner; half-open
    person INTEGER NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, position INTEGER NOT NULL);
"""
