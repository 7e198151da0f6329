"""What senders call things: each list has the wordings of one thing."""

TITLES = {
    "referral_request": (
        *("REFERRAL REQUEST", "Specialist Referral Form", "Referral Order", "REQUEST FOR CONSULTATION"),
        *("Patient Referral", "Outpatient Referral Request", "Referral to Cardiology"),
    ),
    "consult_note": (
        *("CONSULTATION NOTE", "Cardiology Consultation", "Consultation Report", "Specialist Consult Letter"),
        *("New Patient Consultation", "CONSULT NOTE", "Office Consultation"),
    ),
    "discharge_summary": (
        *("DISCHARGE SUMMARY", "Hospital Discharge Summary", "Inpatient Discharge Report", "Summary of Discharge"),
    ),
    "lab_report": (
        *("LABORATORY REPORT", "Laboratory Results", "FINAL LAB REPORT", "Clinical Laboratory Report", "Test Results"),
    ),
    "radiology_report": (
        *("RADIOLOGY REPORT", "Diagnostic Imaging Report", "Imaging Report", "X-RAY REPORT", "CT Report"),
    ),
    "prior_authorization": (
        *("PRIOR AUTHORIZATION REQUEST", "Prior Auth Form", "Preauthorization Request"),
        *("Prior Authorization Determination", "Request for Prior Authorization"),
    ),
    "prescription": ("PRESCRIPTION", "Prescription Refill Request", "Rx Refill Authorization", "Medication Order"),
    "medical_records_request": (
        *("MEDICAL RECORDS REQUEST", "Request for Medical Records", "Authorization to Release Medical Records"),
        *("Release of Information Request",),
    ),
    "cover_sheet": ("FAX COVER SHEET", "FAX", "Facsimile Transmittal", "Fax Transmission", "FACSIMILE COVER PAGE"),
}
LABELS = {
    "patient": ("Patient", "Patient Name", "Name", "Pt Name", "Patient's Name", "Member Name", "Name of Patient"),
    "dob": ("DOB", "Date of Birth", "Birth Date", "D.O.B.", "Birthdate", "Born"),
    "mrn": ("MRN", "Medical Record Number", "Chart #", "Med Rec No", "Patient ID", "MR #", "Chart No."),
    "sex": ("Sex", "Gender", "Sex"),
    "phone": ("Phone", "Home Phone", "Patient Phone", "Telephone", "Tel", "Cell", "Contact #"),
    "address": ("Address", "Home Address", "Street", "Patient Address"),
    "referral_id": ("Referral #", "Referral ID", "Referral Number", "Referral No.", "Ref #", "Our Referral"),
    "diagnosis": ("Diagnosis", "Dx", "Diagnoses", "ICD-10", "Primary Diagnosis"),
}
LABELS_BY_TYPE = {
    "date_of_service": {
        "referral_request": ("Date of Referral", "Referral Date", "Order Date", "Date"),
        "consult_note": ("Date of Service", "DOS", "Visit Date", "Date of Consultation", "Date of Visit", "Seen on"),
        "discharge_summary": ("Discharge Date", "Date of Discharge", "Discharged", "Discharge Dt"),
        "lab_report": ("Collected", "Collection Date", "Date Collected", "Specimen Collected"),
        "radiology_report": ("Exam Date", "Date of Exam", "Study Date", "Date of Service"),
        "prior_authorization": ("Date of Request", "Request Date", "Date Submitted", "Date"),
        "prescription": ("Date Written", "Date", "Written", "Date Issued"),
        "medical_records_request": ("Date of Request", "Date", "Request Date"),
        "cover_sheet": ("Date", "Date Sent", "Sent"),
    },
    "referring_provider": {
        "referral_request": ("Referring Provider", "Referring Physician", "Referred By", "Referring MD", "From"),
        "consult_note": ("Referring Provider", "Referring Physician", "Referred by", "Requesting Physician"),
        "discharge_summary": ("Primary Care Provider", "PCP", "Primary Care Physician"),
        "lab_report": ("Ordering Provider", "Ordering Physician", "Ordered By", "Requesting Physician"),
        "radiology_report": ("Ordering Physician", "Referring Physician", "Ordering Provider", "Requested By"),
        "prior_authorization": ("Requesting Provider", "Requesting Physician", "Ordering Provider"),
        "prescription": ("Prescriber", "Prescribing Provider", "Ordering Provider"),
        "medical_records_request": ("Requesting Provider", "Requested By", "Requesting Physician"),
    },
    "author": {
        "consult_note": ("Consultant", "Provider", "Author", "Consulting Physician", "Attending"),
        "discharge_summary": ("Attending Physician", "Attending", "Discharging Physician"),
        "radiology_report": ("Radiologist", "Interpreting Physician", "Read By"),
    },
}
SIGNED = ("Electronically signed by", "Signed by", "E-signed by", "Dictated by")
DIAGNOSES = (
    *(("I50.9", "Heart failure, unspecified"), ("E11.9", "Type 2 diabetes without complications")),
    *(("I10", "Essential hypertension"), ("J44.9", "COPD, unspecified"), ("N18.30", "Chronic kidney disease stage 3")),
    *(("I48.91", "Atrial fibrillation"), ("M54.50", "Low back pain"), ("R06.02", "Shortness of breath")),
)
CHANGES = (
    *("Increase furosemide from 40 mg to 80 mg daily.", "Start metoprolol succinate 25 mg daily."),
    *("Stop amlodipine 5 mg.", "Decrease lisinopril from 20 mg to 10 mg daily.", "Start apixaban 5 mg twice daily."),
    *(
        "Change atorvastatin from 20 mg to 40 mg at bedtime.",
        "Increase carvedilol from 6.25 mg to 12.5 mg twice daily.",
    ),
)
MEDICATIONS = (
    *("metformin 500 mg twice daily", "lisinopril 10 mg daily", "atorvastatin 40 mg at bedtime"),
    *(
        "furosemide 40 mg daily",
        "apixaban 5 mg twice daily",
        "levothyroxine 75 mcg daily",
        "albuterol 2 puffs as needed",
    ),
)
SENTENCES = (
    *("The patient reports increasing shortness of breath on exertion for three weeks.",),
    *("No chest pain, no palpitations and no syncope were described.",),
    *("Blood pressure 142/84, pulse 76 and regular, oxygen saturation 96 % on room air.",),
    *("Lungs are clear to auscultation bilaterally, with trace edema at both ankles.",),
    *("The electrocardiogram shows normal sinus rhythm without acute changes.",),
    *("Echocardiogram showed an ejection fraction of 45 % with mild mitral regurgitation.",),
    *("We discussed diet, daily weights and a low sodium intake at length.",),
    *("Past medical history includes hypertension and hyperlipidemia.",),
    *("He was admitted through the emergency department and improved with diuretics.",),
    *("Kidney function remained stable during the stay.",),
    *("Family history is notable for coronary disease in the mother.",),
    *("There were no known drug allergies at the time of this visit.",),
)
PLANS = (
    *("Return to this office in six weeks.", "Repeat basic metabolic panel in ten days."),
    *("Follow up with primary care within seven days.", "Thank you for allowing us to take part in this care."),
)
IMPRESSIONS = (
    *("Chronic systolic heart failure, mildly decompensated.", "No acute cardiopulmonary process."),
    *("Stable angina, well controlled on present therapy.", "Degenerative changes of the lumbar spine."),
    *("Paroxysmal atrial fibrillation with controlled rate.",),
)
HEADINGS = {
    "history": ("History of Present Illness", "HPI", "HISTORY", "Clinical History"),
    "impression": ("IMPRESSION", "Impression", "Assessment", "ASSESSMENT"),
    "plan": ("PLAN", "Plan", "Recommendations", "RECOMMENDATIONS"),
    "course": ("Hospital Course", "HOSPITAL COURSE", "Brief Hospital Course"),
    "findings": ("FINDINGS", "Findings"),
    "medications": ("Current Medications", "MEDICATIONS", "Discharge Medications"),
    "reason": ("Reason for Referral", "REASON FOR REFERRAL", "Clinical Question"),
}
LAB_TESTS = (
    *(("Potassium", "mmol/L", 3.5, 5.1, 1), ("Sodium", "mmol/L", 136, 145, 0), ("Creatinine", "mg/dL", 0.7, 1.3, 2)),
    *(("Glucose", "mg/dL", 70, 99, 0), ("Hemoglobin", "g/dL", 12.0, 16.0, 1), ("BUN", "mg/dL", 7, 20, 0)),
    *(("Calcium", "mg/dL", 8.5, 10.5, 1), ("Platelets", "K/uL", 150, 400, 0), ("TSH", "mIU/L", 0.4, 4.5, 2)),
)
SENDERS = (
    *("Love Cardiology Group", "Mercy General Hospital", "Lakeside Imaging Center", "Hudson Valley Nephrology"),
    *("Valley Reference Laboratory", "St. Anne Medical Center", "Northside Endocrinology Associates"),
    *("Riverbend Orthopedics", "Harbor Health", "Summit Pulmonary and Sleep", "County Regional Hospital"),
    *("Brookfield Family Practice", "Evergreen Gastroenterology, P.C.", "Pinecrest Neurology"),
)
RECIPIENTS = ("Busy Family Medicine", "Maple Street Clinic", "Harbor Health", "Evergreen Internal Medicine")
CREDENTIALS = ("MD", "M.D.", "DO", "NP", "PA-C", "MD, FACC")
