"""The database: the only room that knows SQLAlchemy and Alembic."""

from service.store.database import open_store
from service.store.migration import migrate, schema_state
from service.store.schema import SchemaState

__all__ = ["SchemaState", "migrate", "open_store", "schema_state"]
