"""HL7 v2: reading, writing, acknowledging. Pure; the bytes go in, the values come out.

``parse`` reads a whole message lazily, ``read_header`` only its first segment; ``build`` writes one, ``acknowledge``
answers one, ``split_batch`` takes a file of many apart.
"""

from hub.formats.hl7v2.acknowledgement import Acknowledgement, acknowledge, read_acknowledgement
from hub.formats.hl7v2.batch import Batch, split_batch
from hub.formats.hl7v2.build import build
from hub.formats.hl7v2.delimiters import STANDARD, Delimiters
from hub.formats.hl7v2.escapes import escape, unescape
from hub.formats.hl7v2.header import Header, patient_key, read_header, salvage_header
from hub.formats.hl7v2.message import Message, parse
from hub.formats.hl7v2.segment import NULL, Field, Repetition, Segment

__all__ = [
    "NULL",
    "STANDARD",
    "Acknowledgement",
    "Batch",
    "Delimiters",
    "Field",
    "Header",
    "Message",
    "Repetition",
    "Segment",
    "acknowledge",
    "build",
    "escape",
    "parse",
    "patient_key",
    "read_acknowledgement",
    "read_header",
    "salvage_header",
    "split_batch",
    "unescape",
]
