"""``hub doctor``: is this installation sound."""

import typer

from hub.cli.opening import load_settings
from hub.cli.output import AsJson, print_json, print_table


def doctor(as_json: AsJson = False) -> None:
    """Examine this installation: Python, databases, disk, ports, configuration, rules, clock. Exit 1 on a failure."""
    from hub.services.checks.doctor import Health, examine
    from hub.wiring import SystemClock

    findings = examine(load_settings(), SystemClock())
    if as_json:
        print_json(findings)
    else:
        print_table(("what", "how", "in words"), [(f.name, f.health, f.text) for f in findings], empty="")
    if any(f.health is Health.FAILURE for f in findings):
        raise typer.Exit(1)
