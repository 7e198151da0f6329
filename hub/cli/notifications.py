"""``hub notifications``: what practices were told."""

from typing import Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, By, Limit, me, print_json, print_table, short, when

family = typer.Typer(name="notifications", help="What practices were told.", invoke_without_command=True)


@family.callback()
def notifications(
    context: typer.Context,
    practice: Annotated[str, typer.Option("--practice", help="Only this practice's.")] = "",
    patient: Annotated[str, typer.Option("--patient", help="Person id, or an identifier of the patient.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List notices, newest first; or acknowledge one."""
    if context.invoked_subcommand:
        return
    from hub.services.practice import notices

    with opened_hub() as hub:
        rows = notices.notifications(hub, practice=practice, patient=patient, limit=limit)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("id", "created", "practice", "urgency", "patient", "title", "state"),
        [(short(r.id), when(r.created_at), r.practice, r.urgency, r.patient, r.title, r.state) for r in rows],
        empty="no notices",
    )


@family.command()
def ack(
    notice: Annotated[str, typer.Argument(metavar="ID", help="Notice id, or the first 8 characters of it.")],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Acknowledge a notice: somebody of the practice has seen it."""
    from hub.services.practice import notices

    with opened_hub() as hub:
        row = notices.acknowledge(hub, notice, by or me())
    if as_json:
        print_json(row)
    else:
        print(f"{short(row.id)} {row.state}")
