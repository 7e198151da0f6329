"""``hub explain``: what happened to a message and why."""

from dataclasses import asdict

from hub.cli.messages import MessageId
from hub.cli.opening import opened_hub
from hub.cli.output import AsJson, print_json


def explain(message: MessageId, as_json: AsJson = False) -> None:
    """Explain a message: each step, each rule with the values it saw, who was told and why, who was not and why not."""
    from hub.services.operations.explain import explain as service

    with opened_hub() as hub:
        explanation = service(hub, message)
    if as_json:
        print_json(asdict(explanation))
    else:
        print("\n".join(explanation.lines()))
