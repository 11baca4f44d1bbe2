"""What alembic runs. The connection comes from events.migrate, with its transaction already begun."""

from __future__ import annotations

from alembic import context

from events.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
