"""What a job made, as rows say it. Knows no bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.apps.server.jobs.storage import NewFile

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.database import FileRow
    from vitascope.apps.server.jobs.painting import Made


def new_file(made: Made, number: int, job_id: str, key_id: str, expires_at: float) -> NewFile:
    """What is said of a result; its id follows from its job, so that it's the same when it's kept again."""
    return NewFile(
        id=f"file_{job_id.rpartition('_')[2]}{made.variant[0]}{number}",
        key_id=key_id,
        purpose="output",
        media_type=made.media_type,
        name=f"{job_id}{Path(made.name).suffix}" if number == 0 else f"{job_id}-{made.name}",
        width_px=made.width_px or None,
        height_px=made.height_px or None,
        duration_s=made.seconds,
        frames=made.frames,
        rate_fps=made.rate_fps,
        job_id=job_id,
        expires_at=expires_at,
    )


def output_of(made: Made, row: FileRow) -> dict[str, Any]:
    """The fields of an Output (jobs.py)."""
    return {
        "file_id": row.id,
        "media_type": row.media_type,
        "bytes": row.bytes,
        "width_px": made.width_px or None,
        "height_px": made.height_px or None,
        "seconds": made.seconds,
        "variant": made.variant,
    }
