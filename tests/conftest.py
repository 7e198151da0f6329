"""How thorough tests with generated data are: always the same examples, or with ``make fuzz`` many others."""

import os

from hypothesis import HealthCheck, Phase, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
"""Without the explanation of what lines are at fault, which takes minutes of a failing test."""

settings.register_profile(
    "same", derandomize=True, database=None, deadline=None, phases=PHASES, suppress_health_check=SLOW
)
settings.register_profile("fuzz", max_examples=500, deadline=None, phases=PHASES, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
