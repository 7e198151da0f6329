"""DTM → birthDate, with the time of day in HL7's extension (HL7 v2.9, chapter 3.4.2.7)."""

from hub.fhir.build import extension
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Field
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.notes import Notes
from hub.model import Json


def dtm_birthdate(dtm: Field, ctx: Notes) -> Json:
    """The member ``birthDate`` and, if the sender knows the hour, the extension ``patient-birthTime`` beside it."""
    moment = dtm_datetime(dtm.text, ctx, dtm.path)
    if "T" not in moment:
        return {"birthDate": moment}
    time = extension(EXTENSION + "patient-birthTime", "DateTime", moment)
    return {"birthDate": moment[:10], "_birthDate": {"extension": [time]}}
