"""A step that is done again has a document of its own: versions are counted for each occurrence."""

import sqlalchemy as sa
from alembic import op

revision = "0016_document_occurrence"
down_revision = "0015_deadlines_whole"
branch_labels = None
depends_on = None

BEFORE = "uq_document_process_instance_id_template_version"
AFTER = "uq_document_process_instance_id_template_occurrence_version"


def upgrade() -> None:
    with op.batch_alter_table("document") as table:
        table.add_column(sa.Column("occurrence", sa.BigInteger(), nullable=False, server_default="1"))
        table.drop_constraint(BEFORE, type_="unique")
        table.create_unique_constraint(AFTER, ["process_instance_id", "template", "occurrence", "version"])
