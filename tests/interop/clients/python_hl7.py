"""Sends what a plan says with python-hl7's blocking client."""

import json
import sys
from pathlib import Path

import hl7
from hl7.client import MLLPClient

for connection in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")):
    with MLLPClient("127.0.0.1", int(sys.argv[1])) as client:
        for message in connection:
            msa = hl7.parse(client.send_message(message).decode().strip("\x0b\x1c\r") + "\r").segment("MSA")
            print(msa[1], msa[2])
