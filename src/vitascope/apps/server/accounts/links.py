"""Links to stored files that work without a key, until they expire. Knows no file: an id is a text to sign.

A link says who made it (`by`, the id of a key), so that an access log tells whose link it was; neither that
nor the time can be changed without the server's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from contextvars import ContextVar
from urllib.parse import quote, urlencode

from vitascope.apps.server.accounts.keys import Caller
from vitascope.apps.server.settings import Settings

asked_at: ContextVar[str] = ContextVar("asked_at")
"""How the client of the present request reached this server: "https://studio.example"."""


class Links:
    """Makes links and knows its own. `base_url` None: as the present request came, or at `otherwise`."""

    def __init__(self, secret: bytes, base_url: str | None, otherwise: str = "http://127.0.0.1:8000") -> None:
        # A key of its own, so that a webhook's signature can never be shown as a link's.
        self._secret = hmac.digest(secret, b"vitascope links", hashlib.sha256)
        self._base_url, self._otherwise = base_url, otherwise

    @classmethod
    def of(cls, settings: Settings) -> Links:
        """As the settings say."""
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        return cls(settings.secret_bytes(), settings.base_url, f"http://{host}:{settings.port}")

    def url(self, file_id: str, caller: Caller, minutes: float) -> str:
        """A link to the file's content that anybody can follow for so many minutes."""
        expires = int(time.time() + minutes * 60)
        by = caller.key_id
        query = urlencode({"expires": expires, "by": by, "signature": self._sign(file_id, str(expires), by)})
        base = self._base_url or asked_at.get(self._otherwise)
        return f"{base.rstrip('/')}/v1/files/{quote(file_id, safe='')}/content?{query}"

    def check(self, file_id: str, query: Mapping[str, str]) -> bool:
        """Whether a request with this query came by a link of ours that still holds."""
        expires, by, signature = (query.get(name, "") for name in ("expires", "by", "signature"))
        real = self._sign(file_id, expires, by)
        if not hmac.compare_digest(real.encode(), signature.encode("utf-8", "surrogatepass")):
            return False
        return int(expires) > time.time()  # a number, since it's signed

    def _sign(self, *parts: str) -> str:
        # Lengths before the parts, so that no two lists of parts make the same text.
        text = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self._secret, text, hashlib.sha256)).decode().rstrip("=")
