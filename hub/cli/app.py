"""The list of all commands, in the order in which ``hub --help`` shows them."""

from typing import Annotated

import typer

from hub import __version__
from hub.cli import (
    alarms,
    check,
    convert,
    demo,
    doctor,
    explain,
    fax,
    feed,
    files,
    identity,
    ledger,
    match,
    messages,
    notifications,
    panel,
    plugins,
    referrals,
    replay,
    run,
    send,
    simulate,
    tail,
    tls,
)

app = typer.Typer(
    name="hub",
    help="Carering: legacy health messages in; FHIR, notices and closed referral loops out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RUNNING = "Run"
LOOKING = "Look"
TRYING = "Convert and try out"
KEEPING = "Keep"

ANY_ID = {"ignore_unknown_options": True}
"""A control id may begin with a dash."""

app.command(rich_help_panel=RUNNING)(demo.demo)
app.command(rich_help_panel=RUNNING)(run.run)
app.command(rich_help_panel=RUNNING)(doctor.doctor)
app.command(rich_help_panel=LOOKING)(messages.messages)
app.command(rich_help_panel=LOOKING, context_settings=ANY_ID)(messages.show)
app.command(rich_help_panel=LOOKING)(files.files)
app.command(rich_help_panel=LOOKING, context_settings=ANY_ID)(explain.explain)
app.command(rich_help_panel=LOOKING)(ledger.ledger)
app.command(rich_help_panel=LOOKING)(tail.tail)
app.add_typer(alarms.family, rich_help_panel=LOOKING)
app.command(rich_help_panel=TRYING)(convert.convert)
app.command(rich_help_panel=TRYING)(send.send)
app.command(rich_help_panel=TRYING)(simulate.simulate)
app.add_typer(fax.family, rich_help_panel=TRYING)
app.command(rich_help_panel=TRYING)(match.match)
app.command(rich_help_panel=KEEPING)(check.check)
app.command(rich_help_panel=KEEPING)(replay.replay)
app.command(rich_help_panel=KEEPING)(plugins.plugins)
app.add_typer(panel.family, rich_help_panel=KEEPING)
app.add_typer(identity.family, rich_help_panel=KEEPING)
app.add_typer(referrals.family, rich_help_panel=KEEPING)
app.add_typer(notifications.family, rich_help_panel=KEEPING)
app.add_typer(feed.family, rich_help_panel=KEEPING)
app.add_typer(tls.family, rich_help_panel=KEEPING)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"carering {__version__}")
        raise typer.Exit


@app.callback()
def _hub(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Carering: legacy health messages in; FHIR, notices and closed referral loops out."""
