"""``hub alarms``: what is wrong, and what was."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, By, Limit, me, print_json, print_table, short, when

if TYPE_CHECKING:
    from hub.services.health.alarms import AlarmRow

family = typer.Typer(name="alarms", help="What is wrong, and what was.", invoke_without_command=True)

AlarmId = Annotated[str, typer.Argument(metavar="ALARM", help="Id, or the first 8 characters of it.")]


@family.callback()
def alarms(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    feed: Annotated[str, typer.Option("--feed", help="Only this feed.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List open alarms, the newest first; or acknowledge or mute one. Exit 1 if one is open that nobody muted."""
    if context.invoked_subcommand:
        return
    from hub.services.health import alarms as service

    with opened_hub() as hub:
        rows = service.alarms(hub, open_only=not every, feed=feed, limit=limit)
    if as_json:
        print_json([_as_json(row) for row in rows])
    else:
        print_table(
            ("id", "opened", "closed", "alarm", "state", "what"),
            [(short(r.id), when(r.opened_at), when(r.closed_at), r.kind, r.state, r.text) for r in rows],
            empty="no alarm is open" if not every else "there was no alarm yet",
        )
    raise typer.Exit(1 if any(row.state in ("open", "acknowledged") for row in rows) else 0)


@family.command()
def acknowledge(alarm: AlarmId, by: By = "", as_json: AsJson = False) -> None:
    """Say that you know of an alarm and look after it; it stays open while it lasts."""
    from hub.services.health import alarms as service

    with opened_hub() as hub:
        _print(service.acknowledge(hub, alarm, by or me()), as_json)


@family.command()
def mute(
    alarm: AlarmId,
    hours: Annotated[float, typer.Option("--hours", min=0, help="For so long; 0 unmutes it.")] = 24,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Hear nothing of an alarm, nor of the next ones of its kind, feed and subject, for some hours."""
    from hub.services.health import alarms as service

    with opened_hub() as hub:
        _print(service.mute(hub, alarm, timedelta(hours=hours), by or me()), as_json)


def _print(row: "AlarmRow", as_json: bool) -> None:
    if as_json:
        print_json(_as_json(row))
    else:
        until = f" until {when(row.muted_until)} UTC" if row.muted_until else ""
        print(f"{short(row.id)} is {row.state}{until}: {row.text}")


def _as_json(row: "AlarmRow") -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(row), "state": row.state}
