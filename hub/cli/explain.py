"""``hub explain``: what happened to a message and why, and why a practice did not hear of a patient."""

from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, print_json


def explain(
    message: Annotated[
        str, typer.Argument(metavar="ID", help="Message id, the first 8 characters of it, or control id.")
    ] = "",
    patient: Annotated[str, typer.Option("--patient", help="Person id, or an identifier of the patient.")] = "",
    practice: Annotated[str, typer.Option("--practice", help="Why did this practice (not) hear of the patient?")] = "",
    as_json: AsJson = False,
) -> None:
    """Explain a message: each step, each rule with the values it saw, who was told and why, who was not and why not."""
    from hub.services.operations.explain import explain as of_message
    from hub.services.operations.why_not import why_not

    about_practice = bool(patient and practice)
    if about_practice == bool(message) or bool(patient) != bool(practice):
        raise typer.BadParameter("either ID, or --patient and --practice")
    with opened_hub() as hub:
        found = why_not(hub, patient, practice) if about_practice else of_message(hub, message)
    if as_json:
        print_json(asdict(found))
    else:
        print("\n".join(found.lines()))
