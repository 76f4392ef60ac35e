"""What goes wrong in a request, with its HTTP status. Knows no dialect: application.py words the envelope."""

from __future__ import annotations

from collections.abc import Mapping


class ServerError(Exception):
    """Something that the client can do something about: a status, a code for programs, a sentence for people.

    `param` names the field that is wrong; `headers` go with the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = dict(headers or {})


class SettingsError(ValueError):
    """The server can't start as it was told to; the message says what would be right."""


def not_found(what: str) -> ServerError:
    """404 for a thing that isn't there, or isn't the caller's, which must look the same."""
    return ServerError(404, "not_found", f"{what} doesn't exist, or isn't yours")


def bad_request(message: str, param: str | None = None, code: str = "invalid_request") -> ServerError:
    """400: what was asked makes no sense; the message says what would."""
    return ServerError(400, code, message, param)


def conflict(message: str, code: str = "conflict") -> ServerError:
    """409: it makes sense, but not now."""
    return ServerError(409, code, message)


def not_built(sentence: str) -> ServerError:
    """501: part of the dialect, and not built yet."""
    return ServerError(501, "not_built", sentence)
