"""``hub tls``: certificates for trying."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import say

family = typer.Typer(name="tls", help="TLS for MLLP feeds.", no_args_is_help=True)


@family.callback()
def _tls() -> None:
    """TLS for MLLP feeds."""


@family.command()
def dev(
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("config/tls"),
    host: Annotated[
        list[str] | None, typer.Option("--host", help="Name or address of the hub; default localhost and 127.0.0.1.")
    ] = None,
    client: Annotated[str, typer.Option("--client", help="Name on the client's certificate.")] = "engine.example",
) -> None:
    """Make a throw-away authority with certificates for the hub and one client, good for 30 days."""
    from hub.services.operations.tls_dev import make_dev_certificates

    hosts = host or ["localhost", "127.0.0.1"]
    files = make_dev_certificates(out, hosts, client, datetime.now(UTC))
    for file, what in (
        (files.authority, "whom either side trusts"),
        (files.hub, "the hub's certificate and key"),
        (files.client, f"the client's, for {client}"),
    ):
        print(f"{file}  {what}")
    files_of_feed = f"certificate: {files.hub.resolve()}, clients: {files.authority.resolve()}"
    say(f"in a feed: adapter: {{kind: mllp, tls: {{{files_of_feed}}}}}")
    say(f"to send:   hub send FILE --to {hosts[0]}:2575 --tls-ca {files.authority} --tls-cert {files.client}")
