"""Characters: somebody who was shown once, in a video, and keeps their looks in later ones.

A character is a name and one picture. Whoever's name a prompt mentions, or whose id is given, is cast. Knows
no job.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from vitascope.apps.server.asking import take
from vitascope.apps.server.errors import ServerError, bad_request, not_found
from vitascope.apps.server.jobs.database import CharacterRow, new_id, reading, writing

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from vitascope.apps.server.accounts.keys import Caller
    from vitascope.apps.server.application import Server
    from vitascope.apps.server.jobs.storage import StoredFile

LATEST_S = 5  # a character is shown by then, and finding the middle of an hour would take minutes


class Characters:
    """The characters of every caller, each seen by nobody else."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def make(self, name: str, video: UploadFile, caller: Caller) -> CharacterRow:
        """Keep the picture in the middle of a video under this name. Raises ServerError if it is no video."""
        film = take(self._server, caller, video, "video", "video")
        try:
            portrait = self._portrait(film)
        finally:
            self._server.jobs.files.delete(film)  # nobody needs it any more
        picture = self._server.uploads.take(
            caller, portrait, purpose="character", kinds={"image"}, name=name.strip()
        )
        row = CharacterRow(
            id=new_id("char"),
            key_id=caller.key_id,
            name=name.strip(),
            file_id=picture.id,
            created_at=time.time(),
        )
        with writing(self._server.engine) as session:
            session.add(row)
        return row

    def get(self, character_id: str, caller: Caller) -> CharacterRow:
        """One by its id; 404 for none, and for somebody else's."""
        with reading(self._server.engine) as session:
            row = session.get(CharacterRow, character_id)
        if row is None or row.key_id != caller.key_id:
            raise not_found(f"the character {character_id[:80]!r}")
        return row

    def cast(self, prompt: str, ids: Sequence[str], caller: Caller) -> tuple[str, ...]:
        """The files of the pictures of who is named by id, and then of who is mentioned in the prompt.

        Of several of one name the newest is meant, unless an id says otherwise.
        """
        chosen: dict[str, CharacterRow] = {}
        for number, character_id in enumerate(ids):
            try:
                row = self.get(character_id, caller)
            except ServerError as error:
                raise bad_request(error.message, f"characters[{number}].id", "invalid_value") from None
            chosen[row.id] = row
        taken = {row.name.casefold() for row in chosen.values()}
        for row in self._all(caller):
            if row.name.casefold() not in taken and mentions(prompt, row.name):
                taken.add(row.name.casefold())
                chosen[row.id] = row
        return tuple(row.file_id for row in chosen.values())

    def _portrait(self, film: StoredFile) -> bytes:
        """PNG of the picture in the middle of a film, or after LATEST_S where that is earlier."""
        from vitascope.media import read_video, write_picture

        with self._server.jobs.files.local(film) as path, tempfile.TemporaryDirectory() as folder:
            portrait = Path(folder, "portrait.png")
            video = read_video(path)
            wanted = min((film.frames or 1) // 2, int(LATEST_S * video.rate_fps))
            # The file may hold fewer pictures than it says: then it is the last one.
            (picture,) = deque(islice(video, wanted + 1), maxlen=1)
            write_picture(portrait, picture)
            return portrait.read_bytes()

    def _all(self, caller: Caller) -> Sequence[CharacterRow]:
        """All of this caller's, the newest first."""
        newest = CharacterRow.created_at.desc(), CharacterRow.id
        with reading(self._server.engine) as session:
            return session.scalars(
                select(CharacterRow).where(CharacterRow.key_id == caller.key_id).order_by(*newest)
            ).all()


def mentions(prompt: str, name: str) -> bool:
    """Whether a text has this name as a whole, in capitals or not; with or without an @ before it."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", prompt, re.IGNORECASE) is not None
