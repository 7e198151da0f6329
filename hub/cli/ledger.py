"""``hub ledger``: every accepted message has exactly one accounted end."""

from dataclasses import asdict

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, print_json, print_table, say


def ledger(as_json: AsJson = False) -> None:
    """Print the equation per feed: accepted = converted + duplicate + held + dead + waiting. Exit 1 if one is off."""
    from hub.services.operations.ledger import ledger as service

    with opened_hub() as hub:
        rows = service(hub)
    if as_json:
        print_json([{**asdict(row), "balanced": row.balanced} for row in rows])
    else:
        print_table(
            ("feed", "accepted", "converted", "duplicate", "held", "dead", "waiting", "balanced"),
            [(*asdict(row).values(), "yes" if row.balanced else "NO") for row in rows],
            empty="nothing was accepted yet",
        )
    off = [row.feed for row in rows if not row.balanced]
    if off:
        say(f"hub: the ledger does not balance for {', '.join(off)}")
        raise typer.Exit(1)
