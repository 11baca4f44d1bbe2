"""Row-level security on PostgreSQL: a forgotten condition shows one owner's rows, never another's.

Every table with an owner has one forced policy, which compares it with `amity.owner`, a setting of the transaction
(events.postgres.enter). Where it was never set nothing is shown, and nothing can be written. Superusers and roles with
BYPASSRLS are not bound by it (PostgreSQL, 5.9 "Row Security Policies"): Amity should be neither.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_UNPROTECTED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'owner'"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT c.relforcerowsecurity"
    " ORDER BY c.relname"
)
_POLICY = "owner = current_setting('amity.owner', true)"  # true: null, which equals nothing, where it was never set
_UNBOUND = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")


def protect(connection: Connection) -> None:
    """Put every table that has an owner, and no policy yet, under one. Needs the rights of who made the tables."""
    for table in connection.scalars(_UNPROTECTED).all():
        for statement in (
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY "{table}_owner" ON "{table}" USING ({_POLICY}) WITH CHECK ({_POLICY})',
        ):
            connection.execute(text(statement))


def is_bound(connection: Connection) -> bool:
    """Whether the policies hold for the role that we are."""
    return not connection.scalar(_UNBOUND)
