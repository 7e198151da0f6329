"""``hub demo``: a hospital day, played and told."""

from typing import Annotated

import typer


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Exit when the story has ended; without it the console stays open.")
    ] = False,
) -> None:
    """Play a hospital day over real connections and tell what happened to whom, and why.

    Needs no configuration and touches no data of an installation: it starts a hub of its own in a temporary folder.
    With HUB_DATABASE_URL in the environment it keeps its data in that database, which must be empty.
    """
    from hub.demo import play

    raise typer.Exit(play(once=once))
