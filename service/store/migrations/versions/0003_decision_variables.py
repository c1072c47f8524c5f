"""What a decision was evaluated with, so that it can be evaluated again; rows from before have none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_decision_variables"
down_revision = "0002_imports"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("decision_evaluation", sa.Column("variables", TEXT))
    op.create_index("ix_decision_evaluation_decision_key_evaluated_at_id", "decision_evaluation", ["decision_key", "evaluated_at", "id"])
