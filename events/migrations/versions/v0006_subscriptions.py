"""What providers were asked to tell of: a row for each subscription."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("owner", "source", "name")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "remote", "proof", "place")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("expires_ms", "renew_ms", "heard_ms")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "error")),
    )
