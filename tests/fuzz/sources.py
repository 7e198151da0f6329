"""The messages that fuzzing starts from."""

from pathlib import Path

ROOM = Path(__file__).parents[2] / "fixtures" / "messages"
BODIES = [path.read_bytes().replace(b"\n", b"\r") for path in sorted(ROOM.rglob("*.hl7"))]
