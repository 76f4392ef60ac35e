"""The machine on which a figure was made."""

import os
import platform
from pathlib import Path


def machine_name() -> str:
    """Its processor and how many cores it lets us have."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"
