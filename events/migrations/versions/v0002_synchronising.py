"""What synchronising stands on: accounts, streams, items and things as sources show them now, and leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _key(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in ("owner", "source", *names)]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _flag(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger, nullable=False)


def upgrade() -> None:
    op.create_table("sync_accounts", *_key(), *_texts("state", "error"), *_numbers("not_before_ms", "ended_ms"))
    op.create_table(
        "sync_streams",
        *_key("stream"),
        *_texts("title", "kind"),
        sa.Column("cursor", sa.Text),
        *_texts("page"),
        *_numbers("run", "completed_ms"),
        *_texts("state", "error", "warning"),
        _flag("doubted"),
    )
    op.create_table(
        "sync_items",
        *_key("stream", "item"),
        *_texts("version"),
        *_numbers("run"),
        _flag("gone"),
        *_texts("place", "why"),
        *_numbers("reader"),
    )
    op.create_table(
        "sync_things",
        *_key("stream", "item"),
        sa.Column("thing", sa.LargeBinary(16), primary_key=True),
        *_numbers("content", "stored"),
        _flag("dropped"),
    )
    op.create_index("sync_things_thing", "sync_things", ["owner", "source", "thing"])
    dropped = sa.text("dropped = 1")
    op.create_index(
        "sync_things_dropped", "sync_things", ["owner", "source"], sqlite_where=dropped, postgresql_where=dropped
    )
    op.create_table("leases", *_key("stream"), *_numbers("token"), *_texts("holder"), *_numbers("until_ms"))
