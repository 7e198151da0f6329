"""What is derived from source records, worked out anew when the rules for it have changed."""

from sqlalchemy import Connection, Engine

from hub.identity.blocking import RULES
from hub.services.identity import people
from hub.store import persons
from hub.store.engine import reading, writing

BLOCKS = "blocks"
AT_ONCE = 1000
"""Records in memory."""


def bring_up_to_date(main: Engine) -> None:
    """Puts the records into the blocks of this release, where another release has written them: a minute for a million
    of them, once; who opens the database meanwhile waits."""
    with reading(main) as connection:
        if persons.rules_version(connection, BLOCKS) == RULES:
            return
    with writing(main) as transaction:
        if persons.rules_version(transaction, BLOCKS) != RULES:
            _reblock(transaction)


def _reblock(transaction: Connection) -> None:
    persons.clear_blocks(transaction)
    after = ""
    while records := people.page(transaction, after, AT_ONCE):
        people.save_blocks(transaction, records)
        after = records[-1].key
    persons.note_rules(transaction, BLOCKS, RULES)
