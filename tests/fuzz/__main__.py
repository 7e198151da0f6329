"""``python -m tests.fuzz``: damages the fixtures in ever other ways until the time is over.

A message on which something went wrong is written to ``var/fuzz/``; then the exit status is 1.
"""

import argparse
import hashlib
import re
import sys
import time
import traceback
from pathlib import Path
from random import Random

from tests.fuzz.mutations import mutated
from tests.fuzz.outcome import judge
from tests.fuzz.sources import BODIES

FOUND = Path("var") / "fuzz"
ENOUGH = 20
"""So many different problems are collected."""


def main() -> int:
    options = _options()
    print(f"{len(BODIES)} messages, {options.seconds} s, --seed {options.seed}")
    chance, until, tried = Random(options.seed), time.monotonic() + options.seconds, 0
    problems: dict[str, Path] = {}
    while time.monotonic() < until and len(problems) < ENOUGH:
        body = mutated(chance.choice(BODIES), BODIES, chance)
        tried += 1
        try:
            judge(body)
        except Exception as problem:  # noqa: BLE001 - any is what is looked for
            problems.setdefault(_place(problem), _kept(body))
    for place, file in problems.items():
        print(f"{file}: {place}")
    print(f"{tried} messages, {len(problems)} problems")
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    return parser.parse_args()


def _place(problem: Exception) -> str:
    """What went wrong, and where: the same for all messages that end there."""
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    said = re.sub(r"\[\d+\]", "[]", str(problem))[:200]
    return f"{type(problem).__name__} at {Path(frame.filename).name}:{frame.lineno} {said!r}"


def _kept(body: bytes) -> Path:
    FOUND.mkdir(parents=True, exist_ok=True)
    file = FOUND / f"{hashlib.sha256(body).hexdigest()[:12]}.hl7"
    file.write_bytes(body)
    return file


if __name__ == "__main__":
    sys.exit(main())
