"""Row-level security: on PostgreSQL every table with an owner gets its policy once migrated (events.rowlevel)."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No table changes: the number makes an older database be opened, and protected, once."""
