"""From bytes to FHIR R4: ``convert`` makes one message bundle of one raw message. Pure, and deterministic to the byte.

``messages/`` has one file for each message type, ``segments/`` and ``datatypes/`` one for each pair of source and
target (``pid_patient``, ``cx_identifier``).
"""

from hub.mappers import dispatch
from hub.mappers.conversion import convert

dispatch.load_all()

__all__ = ["convert"]
