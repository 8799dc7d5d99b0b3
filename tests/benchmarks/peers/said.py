"""What each measured program says at its end, for the program that started it."""

from __future__ import annotations

import json
import resource
import sys
import time


def say(first_step: float, right: bool) -> None:
    """Print when the first step and the last ended (epoch seconds), the peak of memory, and whether it is right."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps({"first": first_step, "end": time.time(), "peak": peak, "right": right}), flush=True)
