"""HL7 v2: reading, writing, acknowledging. Pure; the bytes go in, the values come out.

``parse`` reads a whole message lazily, ``read_header`` only its first segment; ``build`` writes one, ``acknowledge``
answers one, ``split_batch`` takes a file of many apart.
"""
