"""``hub run``: the hub, or one role of it."""

import importlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import load_settings

if TYPE_CHECKING:
    from hub.cli.supervisor import Role
    from hub.settings import Settings


class RoleName(StrEnum):
    """The roles of a running hub, each a process of its own."""

    RECEIVE = "receive"
    CONVERT = "convert"
    ROUTE = "route"
    DELIVER = "deliver"
    WEB = "web"
    FHIR = "fhir"


def run(
    only: Annotated[RoleName | None, typer.Option("--only", help="Run this role alone, in this process.")] = None,
) -> None:
    """Run the hub until SIGTERM or Ctrl-C; a second signal ends it at once."""
    from hub.services.checks.check import require_sound

    settings = load_settings()
    require_sound(settings)
    if only:
        _run_alone(only, settings)
    else:
        _run_all(settings)


def _run_alone(name: RoleName, settings: "Settings") -> None:
    from hub.cli.supervisor import announce

    _role(name, settings)(announce)


def _run_all(settings: "Settings") -> None:
    from hub.cli.supervisor import Supervisor
    from hub.wiring import open_hub

    importlib.import_module("hub.services.run")  # what the roles share is loaded before they are forked
    open_hub(settings).close()  # creates the databases once, and finds what is wrong before anything starts
    roles = [name for name in RoleName if name is not RoleName.FHIR or _practices_have_access(settings)]
    raise typer.Exit(Supervisor({name.value: _role(name, settings) for name in roles}).run())


def _practices_have_access(settings: "Settings") -> bool:
    """Without a token nobody could ask the FHIR end for anything."""
    from hub.settings import load_site

    return any(practice.tokens for practice in load_site(settings).practices)


def _role(name: RoleName, settings: "Settings") -> "Role":
    from hub.cli import roles

    if name is RoleName.RECEIVE:
        return lambda announce: roles.receive(settings, announce)
    if name is RoleName.WEB:
        return lambda announce: roles.web(settings, announce)
    if name is RoleName.FHIR:
        return lambda announce: roles.fhir(settings, announce)
    return lambda announce: roles.stage(settings, name.value, announce)
