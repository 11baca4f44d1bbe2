"""The log's tables. They are made by the migrations, which a test holds equal to this description."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

VERSION = "0001"  # the newest migration: a log that says so is opened without loading alembic

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

# How far each stream of each source has been read; moves in the transaction that stores the page.
cursors = Table(
    "cursors",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)
