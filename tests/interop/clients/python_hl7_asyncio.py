"""Sends what a plan says with python-hl7's asyncio client."""

import asyncio
import json
import sys
from pathlib import Path

import hl7
from hl7.mllp import open_hl7_connection


async def send(connection: list[str]) -> None:
    reader, writer = await open_hl7_connection("127.0.0.1", int(sys.argv[1]))
    for message in connection:
        writer.writemessage(hl7.parse(message))
        await writer.drain()
        msa = (await reader.readmessage()).segment("MSA")
        print(msa[1], msa[2])
    writer.close()
    await writer.wait_closed()


for connection in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")):
    asyncio.run(send(connection))
