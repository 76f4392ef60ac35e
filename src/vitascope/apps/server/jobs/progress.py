"""How far a job is, into its row, for whoever asks: one honest number. Knows no painting and no dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.apps.server.jobs.database import JobRow, writing
from vitascope.apps.server.jobs.queue import finish

if TYPE_CHECKING:
    from vitascope.apps.server.jobs.painting import Told
    from vitascope.apps.server.jobs.storage import Files

PUTTING_TOGETHER = 0.05  # of the time that painting one part takes


class Report:
    """How far a job is: of all its parts, in whole percents that never go back, 99 at most."""

    def __init__(self, files: Files, row: JobRow, number: int | None, parts: int) -> None:
        self.files, self.job_id, self.said = files, row.id, row.progress
        done = parts if number is None else number
        self.start, self.step = done / (parts + PUTTING_TOGETHER), 1 / (parts + PUTTING_TOGETHER)
        if number is None:
            self.step *= PUTTING_TOGETHER

    def tell(self, told: Told) -> None:
        """Write down what the painting process told."""
        self.said = max(self.said, min(99, int(100 * (self.start + self.step * told.share))))
        values: dict[str, Any] = {"progress": self.said, "stage": told.stage}
        if told.preview is not None:
            key = f"previews/{self.job_id}.jpg"
            self.files.store.put_bytes(key, told.preview)
            values["preview_key"] = key
        with writing(self.files.engine) as session:
            finish(session, self.job_id, **values)
