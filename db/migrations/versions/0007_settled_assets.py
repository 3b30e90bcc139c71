"""A way through the uploads that are settled, for whoever looks for those that nothing shows."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "idx_assets_settled",
        "assets",
        ["updated_at", "id"],
        postgresql_where=sa.text("bucket = 'media' and status not in ('pending', 'uploading')"),
    )
