"""The log's tables. They are made by the migrations, which a test holds equal to this description."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, SmallInteger, Table, Text, text

metadata = MetaData()

# The primary key is the order of the log: gap-free per owner, in commit order. The unique index answers three
# questions at once: what is in this stream, was it changed meanwhile, is this known already. Streams begin with
# the time of creation (events.envelope.stream_of), which keeps that index local.
events = Table(
    "events",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", LargeBinary(16), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("happened_ms", BigInteger, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),  # one JSON document
    Column("hash", LargeBinary(32), nullable=False),  # events.chain
    Index("events_stream", "owner", "stream", "revision", unique=True),
)

# The end of each owner's log. On PostgreSQL its row lock is what makes the order of positions the order of commits.
# It is also how a cut-off tail is seen.
heads = Table(
    "heads",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    postgresql_with={"fillfactor": "10"},  # rewritten by every append: room for updates within the page
)

# How far each file of an import has been read; moves in the transaction that stores the page.
cursors = Table(
    "cursors",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)

# What synchronising stands on, beside the log: what each source shows now. All of it can be lost: then everything is
# listed again, and the log knows what it holds. It moves in the transactions that append what it speaks of.

# One account at one provider; what must be known before anything is asked of it.
sync_accounts = Table(
    "sync_accounts",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("state", Text, nullable=False),  # of the last run: ok, failed, needs_sign_in
    Column("error", Text, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),  # no request earlier than this; 0: at any time
    Column("ended_ms", BigInteger, nullable=False),  # when the last run ended
)

sync_streams = Table(
    "sync_streams",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cursor", Text),  # the connector's own text; none: list everything
    Column("page", Text, nullable=False),  # where a run was interrupted; "": between two runs
    Column("run", BigInteger, nullable=False),  # the number of the run in progress, else of the last one
    Column("completed_ms", BigInteger, nullable=False),  # when the cursor was last at the end; 0: never
    Column("state", Text, nullable=False),  # of the last run: ok, failed, ended
    Column("error", Text, nullable=False),
    Column("warning", Text, nullable=False),
    Column("doubted", SmallInteger, nullable=False),  # 1: much was gone at once, and must be gone a second time
)

# What a stream holds, one row for each item at its source.
sync_items = Table(
    "sync_items",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("run", BigInteger, nullable=False),  # the run that showed it last
    Column("gone", SmallInteger, nullable=False),  # 1: until the end of a complete run of the account decides
    Column("place", Text, nullable=False),  # a quarantined item: where it stands,
    Column("why", Text, nullable=False),  # what is wrong with it,
    Column("reader", BigInteger, nullable=False),  # and which readers could not read it; 0: it is readable
)

# What each item says: streams of events, each with what was said of it last.
sync_things = Table(
    "sync_things",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("thing", LargeBinary(16), primary_key=True),
    Column("content", BigInteger, nullable=False),  # the revision that follows from the content alone
    Column("stored", BigInteger, nullable=False),  # the revision that the log holds it under
    Column("dropped", SmallInteger, nullable=False),  # 1: the item is gone or says it no more; undecided, as above
    Index("sync_things_thing", "owner", "source", "thing"),
)
_DROPPED = text("dropped = 1")
Index(
    "sync_things_dropped", sync_things.c.owner, sync_things.c.source,
    sqlite_where=_DROPPED, postgresql_where=_DROPPED,
)  # fmt: skip

# Who may write for a stream. A commit checks the token, which every taker raises; times are the database's clock.
leases = Table(
    "leases",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

# What the workers are at: one row for each thing that is done again and again. The queue only carries what stands here.
jobs = Table(
    "jobs",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # pull, push, project, report
    Column("name", Text, primary_key=True),  # of a pull or a push: the source
    Column("id", Text, nullable=False),  # what messages and log lines call it: any number, it tells nothing
    Column("turn", BigInteger, nullable=False),  # how often it came to an end; a message of an earlier turn is void
    Column("attempts", BigInteger, nullable=False),  # of this turn that were begun, also those that never ended
    Column("failures", BigInteger, nullable=False),  # turns in a row that ended badly
    Column("holder", Text, nullable=False),  # who is at it; "": nobody
    Column("until_ms", BigInteger, nullable=False),  # how long the holder is believed, by the database's clock
    Column("sent_ms", BigInteger, nullable=False),  # when this turn was last put into the queue; 0: not yet
    Column("hint_ms", BigInteger, nullable=False),  # when somebody last said that there is news; 0: nobody
    Column("started_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),  # when it will be done next, as was planned last; 0: not yet planned
    Column("error", Text, nullable=False),  # of the last turn; "": it ended well
    Index("jobs_id", "owner", "id", unique=True),
)

# What was delivered to the owner, once: see events.deliveries.
deliveries = Table(
    "deliveries",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("period", Text, primary_key=True),  # of the report: 2026-W38
    Column("way", Text, primary_key=True),  # file, mail, desktop, ntfy, webhook
    Column("state", Text, nullable=False),  # claimed, begun, sent, failed
    Column("attempts", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),  # of the last change of state
    Column("error", Text, nullable=False),
)

# What providers were asked to tell of, once each: see events.subscriptions.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # what is told of: mail, calendar:ID
    Column("id", Text, nullable=False),  # what its notifications are known by; "": none was made
    Column("remote", Text, nullable=False),  # what else it takes to end it
    Column("proof", Text, nullable=False),  # SHA-256 of the secret that its notifications show; "": they are signed
    Column("place", Text, nullable=False),  # where it sends to
    Column("expires_ms", BigInteger, nullable=False),
    Column("renew_ms", BigInteger, nullable=False),  # when it is to be made to last longer, or tried again
    Column("heard_ms", BigInteger, nullable=False),  # when a notification last came, as far as that was noted
    Column("state", Text, nullable=False),  # ok, lapsing, removed, refused, waiting
    Column("error", Text, nullable=False),
)
