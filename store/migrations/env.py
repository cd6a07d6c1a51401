"""Runs the migrations over the connection that store/truth hands over; opens none of its own."""

from alembic import context

from store.truth.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite undoes DDL with its transaction: a killed migration leaves nothing
)
with context.begin_transaction():
    context.run_migrations()
