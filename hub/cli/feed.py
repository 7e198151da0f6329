"""``hub feed``: the sources of messages."""

from hashlib import sha256
from secrets import token_urlsafe

import typer

from hub.cli.output import say

family = typer.Typer(name="feed", help="The sources of messages.", no_args_is_help=True)


@family.callback()
def _feed() -> None:
    """The sources of messages."""


@family.command()
def token() -> None:
    """Make a token for a feed over HTTP: it is printed once, the feed's file gets its hash."""
    made = token_urlsafe(32)
    print(made)
    say(f"in the feed: tokens: [{sha256(made.encode()).hexdigest()}]")
