"""Sends what a plan says with the command ``mllp_send`` of python-hl7, which prints the answers as they come."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

for connection in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")):
    with tempfile.NamedTemporaryFile(suffix=".mllp") as file:
        Path(file.name).write_bytes(b"".join(b"\x0b%b\x1c\r" % message.encode() for message in connection))
        command = [
            str(Path(sys.executable).parent / "mllp_send"),
            "--port",
            sys.argv[1],
            "--file",
            file.name,
            "127.0.0.1",
        ]
        said = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    for segment in said.split("\r"):
        if segment.startswith("MSA|"):
            print(*segment.split("|")[1:3])
