"""What referrals are found and ordered by. What is there is filled in from its state; when it is due becomes
exact with the next message."""

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from hub.store import types

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("referrals", sa.Column("due_at", types.Key(), server_default="9999-12-31", nullable=False))
    op.add_column("referrals", sa.Column("owner", types.Key(), server_default="", nullable=False))
    op.add_column("referrals", sa.Column("referrer_npi", types.Key(), server_default="", nullable=False))
    op.add_column("referrals", sa.Column("referred_npi", types.Key(), server_default="", nullable=False))
    op.add_column("referrals", sa.Column("referred_group", types.Key(), server_default="", nullable=False))
    op.create_index("referrals_by_due", "referrals", ["open", "due_at"], unique=False)
    op.create_index("referrals_by_group", "referrals", ["referred_group", "open", "due_at"], unique=False)
    op.create_index("referrals_by_referred", "referrals", ["referred_npi", "open", "due_at"], unique=False)
    op.create_index("referrals_by_referrer", "referrals", ["referrer_npi", "open", "due_at"], unique=False)
    _fill_in()


_OWNERS = {
    **dict.fromkeys(
        ("requested", "received", "accepted", "scheduled", "interim-note", "cancel-requested"), "specialist"
    ),
    **dict.fromkeys(("draft", "no-show", "appointment-cancelled", "declined"), "coordinator"),
    "note-received": "pcp",
}
_AT_ONCE = 500


def _fill_in() -> None:
    referrals = sa.table("referrals", *(sa.column(name) for name in ("id", "status", "state", *_filled())))
    connection = op.get_bind()
    changed = sa.update(referrals).where(referrals.c.id == sa.bindparam("row")).values(_filled())
    ids = connection.execute(sa.select(referrals.c.id)).scalars().all()
    for at in range(0, len(ids), _AT_ONCE):
        query = sa.select(referrals.c.id, referrals.c.status, referrals.c.state)
        rows = connection.execute(query.where(referrals.c.id.in_(ids[at : at + _AT_ONCE]))).all()
        connection.execute(changed, [_values(*row) for row in rows])


def _filled() -> dict[str, Any]:
    names = ("due_at", "owner", "referrer_npi", "referred_npi", "referred_group")
    return {name: sa.bindparam(f"new_{name}") for name in names}


def _values(referral_id: str, status: str, state: bytes) -> dict[str, str]:
    known = orjson.loads(state)
    owner = _OWNERS.get(status, "")
    return {
        "row": referral_id,
        "new_due_at": known["state_since"][:10] if owner else "9999-12-31",
        "new_owner": owner,
        "new_referrer_npi": known["referrer"]["npi"],
        "new_referred_npi": known["referred_to"]["npi"],
        "new_referred_group": known["referred_to"]["organization"].casefold(),
    }
