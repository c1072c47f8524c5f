"""The namespace of a deployed decision model, and the files that its imports mean."""

import codecs
import re
from xml.parsers.expat import ExpatError, ParserCreate

import sqlalchemy as sa
import structlog
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_imports"
down_revision = "0001_first"
branch_labels = None
depends_on = None

log = structlog.get_logger(__name__)

DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
BEGINNINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}
"""How a file of an encoding begins that its declaration need not, or cannot, be asked for (XML 1.0, appendix F)."""

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
RESOURCE = sa.table(
    "resource", sa.column("id", TEXT), sa.column("kind", TEXT), sa.column("content", sa.LargeBinary()), sa.column("namespace", TEXT)
)


def upgrade() -> None:
    op.add_column("resource", sa.Column("namespace", TEXT))
    op.add_column("resource", sa.Column("imports", TEXT))
    op.create_index("ix_resource_namespace", "resource", ["namespace"])
    connection = op.get_bind()
    decisions = connection.execute(sa.select(RESOURCE.c.id).where(RESOURCE.c.kind == "decision")).scalars().all()
    for identifier in decisions:
        this = RESOURCE.c.id == identifier
        content = bytes(connection.execute(sa.select(RESOURCE.c.content).where(this)).scalar_one())
        try:
            namespace = namespace_of(content)
        except (ExpatError, LookupError, UnicodeDecodeError) as unreadable:
            # It decides as before; only later files that would import it do not find it.
            log.warning("migration.namespace-unread", resource=identifier, reason=str(unreadable))
            continue
        connection.execute(sa.update(RESOURCE).where(this).values(namespace=namespace))


def namespace_of(content: bytes) -> str | None:
    """The `namespace` of the root element. Decoded here, since expat knows no encoding with several bytes per character, such as GBK.

    Raises ExpatError, LookupError (an encoding that Python does not know) and UnicodeDecodeError.
    """
    found: list[str | None] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda _name, attributes: found.append(attributes.get("namespace"))
    parser.Parse(content.decode(encoding_of(content)), True)
    return found[0] or None


def encoding_of(content: bytes) -> str:
    """The encoding that the file begins with or declares, else UTF-8."""
    for beginning, encoding in BEGINNINGS.items():
        if content.startswith(beginning):
            return encoding
    declared = DECLARED.match(content)
    return "utf-8" if declared is None else declared[1].decode("ascii")
