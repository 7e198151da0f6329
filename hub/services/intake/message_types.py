"""Which HL7 v2 messages are taken in, by MSH-9 (HL7 tables 0076 and 0003), and which must name a patient."""

from hub.errors import Refused

_TYPES = """
ADR ADT BAR BPS BRP BRT BTS CCF CCI CCM CCQ CCU CQU CRM CSU DBC DBU DEL DFT DOC DPR DRC DRG DSR EAC EAN EAR
EHC ESR ESU INR INU LSR LSU MDM MFD MFK MFN MFQ MFR NMD NMQ NMR OMB OMD OMG OMI OML OMN OMP OMQ OMS OPL OPR
OPU ORA ORB ORD ORF ORG ORI ORL ORM ORN ORP ORR ORS ORU ORX OSD OSF OSM OSQ OSR OSU OUL PEX PGL PIN PMU PPG
PPP PPR PPT PPV PRR PTR QBP QCK QCN QRF QRY QSB QSX QVR RAR RAS RCI RCL RDE RDR RDS RDY REF RER RGR RGV ROR
RPA RPI RPL RPR RQA RQC RQI RQP RRA RRD RRE RRG RRI RSP RTB SCN SDN SDR SIU SLN SLR SMD SQM SQR SRM SRR SSR
SSU STC STI SUR TBR TCR TCU UDM VXQ VXR VXU VXX
"""
_WITH_PATIENT = "ADT BAR DFT MDM OMB OMD OMG OMI OML OMN OMP OMS ORM ORU OUL RAS RDE RDS REF RGV SIU VXU"

TYPES = frozenset(_TYPES.split())
ADT_EVENTS = frozenset(f"A{n:02}" for n in range(1, 63))
WITH_PATIENT = frozenset(_WITH_PATIENT.split())
WITHOUT_PATIENT = frozenset(
    {("ADT", "A20"), ("SIU", "S23"), ("SIU", "S24"), ("OUL", "R22"), ("OUL", "R23"), ("OUL", "R24")}
)
"""Bed status, blocked and opened slots, and unsolicited results of controls."""


def check_type(kind: str, trigger: str) -> None:
    """Raises ``Refused`` (200, 201) for a type or event that the standard does not know; Z types are a site's own."""
    if kind not in TYPES and not (len(kind) == 3 and kind.startswith("Z")):
        raise Refused("message type not supported", condition="200", location="MSH-9.1", reject=True)
    if kind == "ADT" and trigger and trigger not in ADT_EVENTS and not trigger.startswith("Z"):
        raise Refused("event not supported", condition="201", location="MSH-9.2", reject=True)


def needs_patient(kind: str, trigger: str) -> bool:
    """Whether a message of this type says nothing without PID and PID-3."""
    return kind in WITH_PATIENT and (kind, trigger) not in WITHOUT_PATIENT
