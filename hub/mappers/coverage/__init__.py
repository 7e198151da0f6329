"""Which values of a message are found again in its bundle, and which landed nowhere (``hub convert --report``).

A value has landed when a standard element of FHIR R4 or an extension published by HL7 holds it, as it was sent or as it
was translated; what stands only in extensions of this hub, in a Basic or in an OperationOutcome has not.

``values`` takes a message apart, ``content`` reads a bundle, ``landing`` compares the two.
"""

from dataclasses import replace

from hub.formats.hl7v2.message import Message
from hub.mappers.coverage.content import Content
from hub.mappers.coverage.landing import landed
from hub.mappers.coverage.values import Value, values
from hub.model import Json

__all__ = ["Value", "coverage"]


def coverage(message: Message, bundle: Json) -> list[Value]:
    """Every value of the message in its order, with whether it landed in the bundle."""
    content = Content(bundle)
    return [replace(value, landed=True) if landed(value, content) else value for value in values(message)]
