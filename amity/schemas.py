"""The JSON Schema of what every command prints with --json. Keys may be added; none is renamed or dropped."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}


def some(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def keys(optional: dict[str, Schema] | None = None, /, **required: Schema) -> Schema:
    """An object with these keys; more may come."""
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


PERSON = keys(id=TEXT, name=TEXT, addresses=listed(TEXT))
PERIOD = keys(since=MOMENT, until=MOMENT, timezone=TEXT)
TOTALS = keys(
    clock_minutes=NUMBER, meeting_minutes=NUMBER, mail_minutes=NUMBER, solo_minutes=NUMBER,
    attributed_minutes=NUMBER, broadcast_minutes=NUMBER, multitasking_minutes=NUMBER,
)  # fmt: skip
ITEM = keys(position=COUNT, kind=TEXT, at=MOMENT, title=TEXT, minutes=NUMBER, how=TEXT)
PROBLEM = keys(where=TEXT, why=TEXT)
STREAM = keys(
    {"id": TEXT, "withdrawn": COUNT, "error": some(TEXT), "warning": some(TEXT), "unreadable": listed(PROBLEM)},
    stream=TEXT, seen=COUNT, stored=COUNT, duplicates=COUNT, skipped=COUNTS,
    problems=listed(PROBLEM),
    cursor_age_seconds=some(NUMBER), state=TEXT,
)  # fmt: skip
SYNCED = keys({"source": TEXT, "state": TEXT, "error": some(TEXT)}, account=TEXT, streams=listed(STREAM))
DECISION = keys(position=COUNT, decision=TEXT, at=MOMENT, changed=TEXT)
INITIATIVE = keys(mine=COUNT, theirs=COUNT, b=NUMBER, verdict={"enum": ["i-chase", "they-chase", "unclear"]})
KNOWN = keys(
    id=TEXT, name=TEXT, names=listed(TEXT), addresses=listed(TEXT), kind={"enum": ["person", "list", "room", "robot"]},
    first=some(MOMENT), last=some(MOMENT), messages_in=COUNT, messages_out=COUNT, meetings=COUNT,
    collaboration=NUMBER, tie=NUMBER, closeness=NUMBER, initiative=INITIATIVE, chasing=FLAG, chasing_why=TEXT,
)  # fmt: skip


CONTACT = keys(
    {"opened": TEXT, "minutes": some(NUMBER)}, position=COUNT, at=MOMENT, kind=TEXT, others=COUNT, title=TEXT
)
EVIDENCE = listed(COUNT)
DOSSIER = keys(
    {
        "tie_parts": {"type": "object"},
        "began": some(keys(at=MOMENT, kind=TEXT, title=TEXT, others=COUNT, introducer=some(PERSON), evidence=EVIDENCE)),
        "shared_people": listed(keys(person=PERSON, meetings=COUNT, mails=COUNT, evidence=EVIDENCE)),
        "topics": listed(keys(period=TEXT, words=listed(TEXT), evidence=EVIDENCE)),
        "last_contacts": listed(CONTACT),
        "give_and_take": listed(
            keys(year=COUNT, they_asked=COUNT, i_answered=COUNT, i_asked=COUNT, they_answered=COUNT, evidence=EVIDENCE)
        ),
    },
    open_loops=listed(keys(who={"enum": ["you", "them"]}, subject=TEXT, since=MOMENT, evidence=EVIDENCE)),
    cadence=some({"type": "object"}), timeline=listed(CONTACT), **KNOWN["properties"],
)  # fmt: skip


def judged(optional: dict[str, Schema] | None = None, /, **more: Schema) -> Schema:
    """One entry of a judgement: who, the word for it, why, and the log positions behind it."""
    return keys(optional, person=PERSON, state=TEXT, why=TEXT, evidence=listed(COUNT), **more)


NEGLECTED = judged(
    {"they_wrote": some(TEXT)}, elapsed_days=NUMBER, usual_days=NUMBER, ratio=NUMBER, z=NUMBER, p=NUMBER, fine=TEXT
)
OVER = judged(
    minutes=NUMBER, max_minutes=some(NUMBER), ratio=NUMBER, time_share=NUMBER, value_share=NUMBER,
    weeks=COUNT, fine=TEXT,
)  # fmt: skip
FADING = judged({"rate_30": some(NUMBER), "rate_180": some(NUMBER), "ratio": some(NUMBER)}, fine=TEXT)
REQUEST = keys(
    {"kind": {"enum": ["mail", "invitation"]}, "minutes": some(NUMBER), "why": TEXT, "position": COUNT,
     "card": {"type": "object"}},
    person=PERSON, subject=TEXT, since=MOMENT, expected_by=some(MOMENT), late=FLAG, evidence=listed(COUNT),
    state={"enum": ["open", "answered", "accepted", "declined", "redirected", "deferred", "not-a-request",
                    "undelivered"]},
)  # fmt: skip
DRAFT = keys({"mark": TEXT}, file=TEXT, to=TEXT, subject=TEXT, text=TEXT, position=COUNT)
GIVING = keys(
    {"state": TEXT, "opened": COUNT, "openings": COUNT, "answered": COUNT, "asked": COUNT,
     "usual_answer_hours": some(NUMBER), "their_asked": COUNT, "i_answered": COUNT},
    person=PERSON, why=TEXT, evidence=listed(COUNT),
)  # fmt: skip
CARE_SHARE = keys(
    period=PERIOD, minutes=NUMBER, attributed_minutes=NUMBER, share=some(NUMBER), floor=some(NUMBER), below_floor=FLAG,
    recent_share=some(NUMBER), earlier_share=some(NUMBER), people=listed(keys(person=PERSON, minutes=NUMBER)),
    weeks=listed(keys(week=TEXT, minutes=NUMBER, attributed_minutes=NUMBER, share=some(NUMBER))),
)  # fmt: skip
GOAL = keys(
    {"displaced_minutes": NUMBER, "displaced_by": listed(keys(person=PERSON, minutes=NUMBER)), "kept_minutes": NUMBER,
     "key_people": COUNT, "in_touch": COUNT, "out_of_touch": listed(TEXT), "weeks_below": COUNT, "neglected": FLAG},
    goal=TEXT, minutes=NUMBER, target_minutes=some(NUMBER),
)  # fmt: skip
LOAD = keys(after_hours_minutes=NUMBER, weekend_minutes=NUMBER, longest_free_minutes=NUMBER)
REPORT = keys(
    {"load": some(keys(LOAD["properties"], usual=some(LOAD), weeks=COUNT, evidence=listed(COUNT))),
     "questions": listed({"type": "object"})},
    period=PERIOD, totals=TOTALS, goals=listed(GOAL), people=listed(keys(person=PERSON, minutes=NUMBER)),
    neglected=listed(NEGLECTED), over_invested=listed(OVER), inbox=listed(REQUEST),
    waiting=listed(REQUEST), care=listed(GIVING), owe=listed(GIVING),
    moves=listed(keys(move=TEXT, why=TEXT, person=some(PERSON))),
    uncounted=listed(keys(reason=TEXT, items=COUNT, minutes=NUMBER)),
    sources=listed(
        keys({"last_success": some(MOMENT), "error": some(TEXT)}, source=TEXT, last=MOMENT, seen=COUNT, problems=COUNT)
    ),
    restated=listed(keys(week=TEXT, goal=TEXT, before_minutes=NUMBER, after_minutes=NUMBER)),
)  # fmt: skip
BY_GOAL = {"type": "object", "additionalProperties": NUMBER}
MATRIX = keys(
    period=PERIOD, rows=listed(keys(person=PERSON, goals=BY_GOAL, minutes=NUMBER)), columns=BY_GOAL,
    attributed_minutes=NUMBER, broadcast=BY_GOAL,
)  # fmt: skip
UPDATE = keys(goal=TEXT, person=PERSON, last=some(MOMENT), days=some(NUMBER), why=TEXT, evidence=listed(COUNT))
ORPHAN = keys(person=PERSON, minutes=NUMBER, asked=FLAG, why=TEXT, choices=listed(TEXT), evidence=listed(COUNT))
KIT = keys(
    person=PERSON, score=NUMBER, relevance=NUMBER, warmth=NUMBER, last_days=some(NUMBER), key=FLAG, why=TEXT,
    evidence=listed(COUNT),
)  # fmt: skip
WEEK = keys(week=TEXT, minutes=NUMBER, target_minutes=some(NUMBER), available_days=COUNT)
SPENT = {"week_minutes": NUMBER, "booked_minutes": NUMBER, "four_weeks_minutes": NUMBER}
BUDGET = keys(
    week=keys(since=MOMENT, until=MOMENT), tiers=listed(keys(tier=TEXT, members=COUNT, **SPENT)),
    people=listed(keys(person=PERSON, max_minutes=NUMBER, left_minutes=NUMBER, four_weeks_max_minutes=NUMBER, **SPENT)),
)  # fmt: skip
COST = keys(before_minutes=NUMBER, after_minutes=NUMBER, max_minutes=some(NUMBER))
PREVIEW = keys(
    person=PERSON, before_minutes=NUMBER, after_minutes=NUMBER, max_minutes=some(NUMBER), ok=FLAG, breaks=listed(TEXT),
    weekly=FLAG, length_minutes=NUMBER, week=TEXT, four_weeks=COST,
)  # fmt: skip
EVENT = keys(position=COUNT, type=TEXT, happened_at=MOMENT, recorded_at=MOMENT, payload={"type": "object"})

AVERAGES = keys(
    period=TEXT, minimum=COUNT, owners=some(COUNT), measures=listed(keys(measure=TEXT, mean=NUMBER, median=NUMBER)),
)  # fmt: skip

INTROS = listed(
    keys({"topic": TEXT, "complement": NUMBER, "warmth": listed(NUMBER), "overlap": NUMBER, "next": TEXT},
         a=PERSON, b=PERSON, score=NUMBER, state={"enum": ["new", "suggested", "opted-in", "sent", "met", "declined"]},
         why=TEXT, evidence=listed(COUNT))
)  # fmt: skip

DELIVERED = keys(period=TEXT, way=TEXT, state={"enum": ["sent", "failed", "begun", "claimed"]}, error=TEXT)

SCHEMAS: dict[str, Schema] = {
    "init": keys(settings=TEXT, timezone=TEXT, addresses=listed(TEXT)),
    "import": keys(
        seen=COUNT, stored=COUNT, duplicates=COUNT, skipped=COUNTS, problems=listed(PROBLEM)
    ),
    "connect": keys(account=TEXT, kind=TEXT, found=listed(TEXT)),
    "accounts": listed(
        keys({"push": some(TEXT)}, account=TEXT, kind=TEXT, source=TEXT, options={"type": "object"},
             secret={"enum": ["none", "stored", "file"]}, password_file=some(TEXT))
    ),
    "disconnect": keys(account=TEXT, kind=TEXT, notes=listed(TEXT)),
    "sync": keys(accounts=listed(SYNCED)),
    "status": keys(
        {"deliveries": listed(DELIVERED)},
        accounts=listed(
            keys({"source": TEXT, "connected": FLAG, "says": TEXT, "job": some(TEXT), "push": some(TEXT)},
                 account=TEXT, streams=listed(STREAM), last_success=some(MOMENT), oldest=some(MOMENT),
                 next_run=some(MOMENT), error=some(TEXT))
        ),
        log=keys(events=COUNT, last_position=COUNT),
        projections=listed(keys(name=TEXT, version=COUNT, position=COUNT, lag=COUNT)),
    ),
    "time": keys(
        period=PERIOD, measure={"enum": ["clock", "attributed", "face"]}, totals=TOTALS,
        rows=listed(
            keys(
                {"person": PERSON, "goal": TEXT, "week": TEXT, "day": TEXT, "channel": TEXT, "tier": TEXT},
                minutes=NUMBER, meeting_minutes=NUMBER, mail_minutes=NUMBER,
            )
        ),
    ),
    "explain": keys({"person": PERSON, "goal": TEXT}, minutes=NUMBER, items=listed(ITEM)),
    "uncounted": listed(keys(position=COUNT, title=TEXT, at=some(MOMENT), minutes=NUMBER, reason=TEXT)),
    "report": REPORT,
    "demo": REPORT,
    "deliver": listed(DELIVERED),
    "people": listed(KNOWN),
    "person": DOSSIER,
    "timeline": listed(CONTACT),
    "brief": keys(
        {**DOSSIER["properties"]},
        meeting=some(keys(title=TEXT, start=MOMENT, end=MOMENT, others=COUNT, position=COUNT)),
        participants=listed(keys(person=PERSON, new=FLAG)), lines={"type": "array", "items": TEXT, "maxItems": 12},
    ),
    "neglected": listed(NEGLECTED),
    "over": listed(OVER),
    "fading": listed(FADING),
    "care": {"anyOf": [listed(GIVING), CARE_SHARE]},  # the latter with --share
    "owe": listed(GIVING),
    "search": listed(
        keys({"others": COUNT, "times": COUNT}, position=COUNT, at=MOMENT, title=TEXT, person=some(PERSON),
             kind={"enum": ["mail", "sent", "meeting", "plan", "note", "person"]})
    ),
    "who": listed(
        keys({"relevance": NUMBER, "last_days": some(NUMBER), "willingness": NUMBER}, person=PERSON, score=NUMBER,
             state={"enum": ["free", "resting"]}, why=TEXT, evidence=listed(COUNT))
    ),
    "intros": {"anyOf": [INTROS, keys(file=TEXT, words=COUNT, text=TEXT), DECISION]},
    "goals": {"anyOf": [MATRIX, listed(UPDATE), listed(ORPHAN),
                        listed(keys(GOAL["properties"], goal=TEXT, minutes=NUMBER, target_minutes=some(NUMBER),
                                    evidence=listed(COUNT)))]},
    "goal": {"anyOf": [listed(KIT), keys(
        goal=TEXT, minutes=NUMBER, target_minutes=some(NUMBER), weeks=listed(WEEK), updates=listed(UPDATE),
        people=listed(keys(person=PERSON, minutes=NUMBER)))]},
    "budget": BUDGET,
    "can-i": PREVIEW,
    "now": keys(
        {"since": some(MOMENT), "came": {"type": "object"}, "went": {"type": "object"}},
        working_on=listed(TEXT), goals=listed(TEXT), help_wanted=listed(TEXT), hours=TEXT, timezone=TEXT,
    ),
    "slots": listed(keys(start=MOMENT, end=MOMENT)),
    "place": DECISION,
    "rhythm": DECISION,
    "inbox": listed(REQUEST),
    "waiting": listed(REQUEST),
    "decline": DRAFT,
    "redirect": DRAFT,
    "asks": listed(
        keys({"why": TEXT}, person=PERSON, subject=TEXT, at=MOMENT, position=COUNT, evidence=listed(COUNT),
             state={"enum": ["asked", "yes", "no", "silence", "thanked"]})
    ),
    "merge": DECISION,
    "split": DECISION,
    "mark": DECISION,
    "snooze": DECISION,
    "note": DECISION,
    "fine": DECISION,
    "undo": DECISION,
    "log": listed(EVENT),
    "verify": keys(events=COUNT, ok=FLAG, first_bad=some(COUNT)),
    "rebuild": keys(events=COUNT, projections=listed(TEXT), seconds=NUMBER),
    "export": keys(events=COUNT, folder=TEXT),
    "restore": keys(events=COUNT, home=TEXT),
    "owners": {"anyOf": [listed(keys(owner=TEXT, state=TEXT, last_read=some(MOMENT))), keys(owner=TEXT), AVERAGES]},
    "query": listed({"type": "object"}),
    "doctor": listed(keys(what=TEXT, ok=FLAG, says=TEXT)),
}  # fmt: skip


def document(name: str) -> Schema:
    """The schema of one command, whole. Raises KeyError for a command without one."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"amity {name} --json",
        **SCHEMAS[name],
    }
