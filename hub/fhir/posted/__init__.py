"""What a system posts as FHIR R4: its text, the messages in it, where its resources stand and what they refer to."""
