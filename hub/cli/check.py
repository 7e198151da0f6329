"""``hub check``: is the configuration right, and do the rules do what their tests say."""

from dataclasses import asdict

import typer

from hub.cli.failing import EXIT_CONFIGURATION
from hub.cli.opening import load_settings
from hub.cli.output import AsJson, print_json, say


def check(as_json: AsJson = False) -> None:
    """Validate all configuration and run the tests that rules carry. Exit 2 if anything is wrong."""
    from hub.services.checks.check import check as service

    report = service(load_settings())
    if as_json:
        print_json(asdict(report))
    else:
        print(report)
        for problem in report.problems:
            say(f"hub: {problem}")
    if report.problems:
        raise typer.Exit(EXIT_CONFIGURATION)
