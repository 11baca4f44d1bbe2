"""What the workers are at: one row for each thing that is done again and again, with its attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("owner", "kind", "name")),
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("turn", "attempts", "failures")),
        sa.Column("holder", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("until_ms", "sent_ms", "hint_ms", "started_ms", "ended_ms", "due_ms")
        ),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("jobs_id", "jobs", ["owner", "id"], unique=True)
