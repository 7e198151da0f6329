"""The way back: the resources of a bundle become an HL7 v2.5.1 message (MDM^T02, ADT, ORU, OMG, OSU, SIU, REF, RRI).

``message(bundle, "SIU^S12", envelope)`` gives its bytes. What came in as HL7 v2 says the same again when it goes out:
elements go back to the fields that ``hub.mappers.segments`` takes them from, and where the sender's own code stands
beside the FHIR code (extension ``alternate-codes``, a coding of an HL7 table), it is the sender's that is sent.

Files are named as those of the way in, the other way round: ``<source>_<target>``.
"""

from hub.mappers.outbound.messages import MESSAGES, message
from hub.mappers.outbound.resources import Envelope

__all__ = ["MESSAGES", "Envelope", "message"]
