"""Keeps strangers' web pages out of a server that asks for no keys.

Such a server listens on loopback only, but every page in this machine's browser can send requests there. A
page of another site names itself in `Origin`; one that had its own name resolved to 127.0.0.1 (DNS rebinding)
asks for that name as the `Host`. Neither gets in. Knows no route.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vitascope.apps.server.settings import Settings


class OwnPagesOnly:
    """Answers 403 to requests for another host's name, and to those of other sites' pages."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        own = {settings.host.strip("[]"), "localhost"}
        if settings.base_url:
            own.add(urlsplit(settings.base_url).hostname or "localhost")
        self.own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (wrong := self._wrong(Headers(scope=scope))):
            error = {"message": wrong, "type": "permission_error", "param": None, "code": "wrong_host"}
            await JSONResponse({"error": error}, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _wrong(self, headers: Headers) -> str | None:
        host = _name(f"//{headers.get('host', '')}")
        if not self._is_own(host):
            return (
                "this server asks for no keys, so it answers to this machine's names only "
                f"and not to {host!r}; set base_url, or require_keys"
            )
        origin = headers.get("origin")
        if origin is not None and not self._is_own(_name(origin)):
            return "this server asks for no keys, so pages of other sites may not use it; set require_keys"
        return None

    def _is_own(self, host: str | None) -> bool:
        if host is None:
            return False
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host in self.own


def _name(address: str) -> str | None:
    """The host in an address, without its port; None where there is none."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
