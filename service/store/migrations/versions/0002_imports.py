"""The namespace of a deployed decision model, and the files that its imports mean."""

from xml.parsers.expat import ExpatError, ParserCreate

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_imports"
down_revision = "0001_first"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
RESOURCE = sa.table(
    "resource", sa.column("id", TEXT), sa.column("kind", TEXT), sa.column("content", sa.LargeBinary()), sa.column("namespace", TEXT)
)


def upgrade() -> None:
    op.add_column("resource", sa.Column("namespace", TEXT))
    op.add_column("resource", sa.Column("imports", TEXT))
    op.create_index("ix_resource_namespace", "resource", ["namespace"])
    connection = op.get_bind()
    for row in connection.execute(sa.select(RESOURCE.c.id, RESOURCE.c.content).where(RESOURCE.c.kind == "decision")).all():
        connection.execute(sa.update(RESOURCE).where(RESOURCE.c.id == row.id).values(namespace=namespace_of(bytes(row.content))))


def namespace_of(content: bytes) -> str | None:
    """The `namespace` of the root element; files that were deployed are well-formed and declare no entities."""
    found: list[str | None] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda _name, attributes: found.append(attributes.get("namespace"))
    try:
        parser.Parse(content, True)
    except ExpatError:
        return None
    return found[0]
