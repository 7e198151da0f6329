"""Names of the fields of the segments that are seen most, for a reader (HL7 v2.5.1, chapters 2 to 11)."""

_NAMES = {
    "MSH": "Field Separator|Encoding Characters|Sending Application|Sending Facility|Receiving Application"
    "|Receiving Facility|Date/Time of Message|Security|Message Type|Message Control ID|Processing ID|Version ID"
    "|Sequence Number|Continuation Pointer|Accept Acknowledgment Type|Application Acknowledgment Type|Country Code"
    "|Character Set|Principal Language|Alternate Character Set Handling|Message Profile Identifier",
    "EVN": "Event Type Code|Recorded Date/Time|Date/Time Planned Event|Event Reason Code|Operator ID|Event Occurred"
    "|Event Facility",
    "PID": "Set ID|Patient ID|Patient Identifier List|Alternate Patient ID|Patient Name|Mother's Maiden Name"
    "|Date/Time of Birth|Administrative Sex|Patient Alias|Race|Patient Address|County Code|Phone Number - Home"
    "|Phone Number - Business|Primary Language|Marital Status|Religion|Patient Account Number|SSN Number"
    "|Driver's License Number|Mother's Identifier|Ethnic Group|Birth Place|Multiple Birth Indicator|Birth Order"
    "|Citizenship|Veterans Military Status|Nationality|Patient Death Date and Time|Patient Death Indicator"
    "|Identity Unknown Indicator|Identity Reliability Code|Last Update Date/Time|Last Update Facility",
    "PD1": "Living Dependency|Living Arrangement|Patient Primary Facility|Patient Primary Care Provider"
    "|Student Indicator|Handicap|Living Will Code|Organ Donor Code|Separate Bill|Duplicate Patient"
    "|Publicity Code|Protection Indicator",
    "NK1": "Set ID|Name|Relationship|Address|Phone Number|Business Phone Number|Contact Role|Start Date|End Date",
    "MRG": "Prior Patient Identifier List|Prior Alternate Patient ID|Prior Patient Account Number|Prior Patient ID"
    "|Prior Visit Number|Prior Alternate Visit ID|Prior Patient Name",
    "ROL": "Role Instance ID|Action Code|Role|Role Person|Role Begin Date/Time|Role End Date/Time|Role Duration"
    "|Role Action Reason|Provider Type|Organization Unit Type|Office Address|Phone",
    "PV1": "Set ID|Patient Class|Assigned Patient Location|Admission Type|Preadmit Number|Prior Patient Location"
    "|Attending Doctor|Referring Doctor|Consulting Doctor|Hospital Service|Temporary Location"
    "|Preadmit Test Indicator|Re-admission Indicator|Admit Source|Ambulatory Status|VIP Indicator"
    "|Admitting Doctor|Patient Type|Visit Number|Financial Class|Charge Price Indicator|Courtesy Code"
    "|Credit Rating|Contract Code|Contract Effective Date|Contract Amount|Contract Period|Interest Code"
    "|Transfer to Bad Debt Code|Transfer to Bad Debt Date|Bad Debt Agency Code|Bad Debt Transfer Amount"
    "|Bad Debt Recovery Amount|Delete Account Indicator|Delete Account Date|Discharge Disposition"
    "|Discharged to Location|Diet Type|Servicing Facility|Bed Status|Account Status|Pending Location"
    "|Prior Temporary Location|Admit Date/Time|Discharge Date/Time|Current Patient Balance|Total Charges"
    "|Total Adjustments|Total Payments|Alternate Visit ID|Visit Indicator|Other Healthcare Provider",
    "PV2": "Prior Pending Location|Accommodation Code|Admit Reason|Transfer Reason|Patient Valuables"
    "|Patient Valuables Location|Visit User Code|Expected Admit Date/Time|Expected Discharge Date/Time",
    "DG1": "Set ID|Diagnosis Coding Method|Diagnosis Code|Diagnosis Description|Diagnosis Date/Time|Diagnosis Type",
    "AL1": "Set ID|Allergen Type Code|Allergen Code|Allergy Severity Code|Allergy Reaction Code|Identification Date",
    "ORC": "Order Control|Placer Order Number|Filler Order Number|Placer Group Number|Order Status|Response Flag"
    "|Quantity/Timing|Parent|Date/Time of Transaction|Entered By|Verified By|Ordering Provider"
    "|Enterer's Location|Call Back Phone Number|Order Effective Date/Time|Order Control Code Reason",
    "OBR": "Set ID|Placer Order Number|Filler Order Number|Universal Service Identifier|Priority"
    "|Requested Date/Time|Observation Date/Time|Observation End Date/Time|Collection Volume"
    "|Collector Identifier|Specimen Action Code|Danger Code|Relevant Clinical Information"
    "|Specimen Received Date/Time|Specimen Source|Ordering Provider|Order Callback Phone Number|Placer Field 1"
    "|Placer Field 2|Filler Field 1|Filler Field 2|Results Report/Status Change Date/Time|Charge to Practice"
    "|Diagnostic Service Section ID|Result Status|Parent Result|Quantity/Timing|Result Copies To|Parent"
    "|Transportation Mode|Reason for Study|Principal Result Interpreter",
    "OBX": "Set ID|Value Type|Observation Identifier|Observation Sub-ID|Observation Value|Units|References Range"
    "|Abnormal Flags|Probability|Nature of Abnormal Test|Observation Result Status"
    "|Effective Date of Reference Range|User Defined Access Checks|Date/Time of the Observation|Producer's ID"
    "|Responsible Observer|Observation Method|Equipment Instance Identifier|Date/Time of the Analysis",
    "NTE": "Set ID|Source of Comment|Comment|Comment Type",
    "TQ1": "Set ID|Quantity|Repeat Pattern|Explicit Time|Relative Time and Units|Service Duration|Start Date/Time"
    "|End Date/Time|Priority",
    "TXA": "Set ID|Document Type|Document Content Presentation|Activity Date/Time|Primary Activity Provider"
    "|Origination Date/Time|Transcription Date/Time|Edit Date/Time|Originator|Assigned Document Authenticator"
    "|Transcriptionist|Unique Document Number|Parent Document Number|Placer Order Number|Filler Order Number"
    "|Unique Document File Name|Document Completion Status|Document Confidentiality Status"
    "|Document Availability Status|Document Storage Status|Document Change Reason|Authentication Person, Time",
    "SCH": "Placer Appointment ID|Filler Appointment ID|Occurrence Number|Placer Group Number|Schedule ID"
    "|Event Reason|Appointment Reason|Appointment Type|Appointment Duration|Appointment Duration Units"
    "|Appointment Timing Quantity|Placer Contact Person|Placer Contact Phone|Placer Contact Address"
    "|Placer Contact Location|Filler Contact Person|Filler Contact Phone|Filler Contact Address"
    "|Filler Contact Location|Entered By Person|Entered By Phone|Entered By Location"
    "|Parent Placer Appointment ID|Parent Filler Appointment ID|Filler Status Code|Placer Order Number"
    "|Filler Order Number",
    "RGS": "Set ID|Segment Action Code|Resource Group ID",
    "AIG": "Set ID|Segment Action Code|Resource ID|Resource Type|Resource Group|Resource Quantity"
    "|Resource Quantity Units|Start Date/Time",
    "AIL": "Set ID|Segment Action Code|Location Resource ID|Location Type|Location Group|Start Date/Time",
    "AIP": "Set ID|Segment Action Code|Personnel Resource ID|Resource Type|Resource Group|Start Date/Time",
    "AIS": "Set ID|Segment Action Code|Universal Service Identifier|Start Date/Time|Start Date/Time Offset"
    "|Start Date/Time Offset Units|Duration|Duration Units|Allow Substitution Code|Filler Status Code",
    "RF1": "Referral Status|Referral Priority|Referral Type|Referral Disposition|Referral Category"
    "|Originating Referral Identifier|Effective Date|Expiration Date|Process Date|Referral Reason"
    "|External Referral Identifier",
    "PRD": "Provider Role|Provider Name|Provider Address|Provider Location|Provider Communication Information"
    "|Preferred Method of Contact|Provider Identifiers|Effective Start Date|Effective End Date",
    "MSA": "Acknowledgment Code|Message Control ID|Text Message",
    "IN1": "Set ID|Insurance Plan ID|Insurance Company ID|Insurance Company Name",
}

FIELD_NAMES: dict[str, tuple[str, ...]] = {segment: tuple(names.split("|")) for segment, names in _NAMES.items()}
"""By segment, the names of its fields from 1 on."""
