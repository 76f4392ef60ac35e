"""API keys, and who is asking. Knows no route and no job: whoever serves something asks `Caller.may`.

A key's secret is shown once, when it is made, and never kept: the table has its SHA-256. That suffices. Slow
hashes such as Argon2 are for passwords, which can be guessed; 32 random letters out of 64 are 192 bits, and
no speed of guessing gets through those. A slow hash would only slow down every request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select, update

from vitascope.apps.server.errors import ServerError, bad_request, not_found
from vitascope.apps.server.jobs.database import KeyRow, new_id, reading, writing
from vitascope.apps.server.settings import Settings

SCOPES = ("videos", "images", "files", "queue", "admin")
USUAL_SCOPES = ("videos", "images", "files")
LOCAL = "local"
_ALPHABET = string.ascii_letters + string.digits + "-_"
_LETTERS = 32
_SHOWN = 7  # "vs_" and four letters: enough to tell keys apart, and 28 are left to guess


@dataclass(frozen=True)
class Caller:
    """Who is asking: a key, or anybody on this machine (key_id "local") where keys are off.

    `address` is theirs on the network, for the audit log. `per_minute` None: as many requests as they like.
    """

    key_id: str
    name: str
    scopes: frozenset[str]
    address: str
    per_minute: int | None = None

    def may(self, scope: str) -> bool:
        """Whether they have this scope; "admin" has all."""
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: str) -> None:
        """Raise ServerError 403 unless they may."""
        if not self.may(scope):
            raise ServerError(
                403,
                "missing_scope",
                f'this key may not do that: it needs the scope "{scope}" and has {_listed(self.scopes)}; ask '
                "whoever runs this server for another key",
            )


@dataclass(frozen=True)
class Key:
    """A key without its secret. Times are unix seconds; of what is None there is no end.

    `credits` are left of those it was given, `monthly_credits` may be used in a calendar month (UTC),
    `weight` is its share of the queue beside the other keys'.
    """

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: float
    revoked_at: float | None
    credits: int | None
    monthly_credits: int | None
    per_minute: int | None
    weight: float


class Accounts:
    """The keys of this server."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._required = settings.keys_required

    def caller(self, authorization: str | None, address: str) -> Caller:
        """Who sends this Authorization header ("Bearer vs_..."). Raises ServerError 401 for nobody we know.

        Where keys are off, whatever clients send (they must send something) is not looked at. Every request
        reads the table, so that a key is dead everywhere as soon as it is revoked.
        """
        if not self._required:
            return Caller(LOCAL, "this machine", frozenset(SCOPES), address)
        kind, _, secret = (authorization or "").strip().partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise _unknown('this server needs a key: send the header "Authorization: Bearer vs_..."')
        hashed = _hash(secret.strip())
        with reading(self._engine) as session:
            row = session.scalar(select(KeyRow).where(KeyRow.hash == hashed))
        # The index found it by comparing hashes, which tells a guesser nothing of secrets; once more, in
        # constant time, in case a database compares text less strictly than byte by byte.
        if row is None or not hmac.compare_digest(row.hash, hashed):
            raise _unknown("this key isn't known here; is all of it there? It begins with vs_")
        if row.revoked_at is not None:
            raise _unknown("this key was revoked; ask whoever runs this server for a new one")
        return Caller(row.id, row.name, frozenset(row.scopes), address, row.per_minute)

    def make(
        self,
        name: str,
        scopes: Iterable[str] = USUAL_SCOPES,
        *,
        credits: int | None = None,
        monthly_credits: int | None = None,
        per_minute: int | None = None,
        weight: float = 1.0,
    ) -> tuple[Key, str]:
        """A new key, and its secret, which nobody can show again. Raises ServerError 400."""
        limits = _checked(
            credits=credits, monthly_credits=monthly_credits, per_minute=per_minute, weight=weight
        )
        if not (name := name.strip()) or len(name) > 200 or not name.isprintable():
            raise bad_request("a key needs a name of 1 to 200 letters that says who will use it", "name")
        secret = "vs_" + "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
        row = KeyRow(
            id=new_id("key"),
            name=name,
            hash=_hash(secret),
            prefix=secret[:_SHOWN],
            scopes=_scopes(scopes),
            created_at=time.time(),
            **limits,
        )
        with writing(self._engine) as session:
            session.add(row)
        return _key(row), secret

    def list(self) -> list[Key]:
        """All keys, the oldest first, revoked ones too."""
        with reading(self._engine) as session:
            return [
                _key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id))
            ]

    def find(self, word: str) -> Key:
        """The key of this id, prefix or name. Raises ServerError 404 for none, 400 for more than one."""
        keys = [key for key in self.list() if word in (key.id, key.prefix, key.name)]
        if not keys:
            raise not_found(f'a key with the id, prefix or name "{word[:80]}"')
        if len(keys) > 1:
            ids = ", ".join(key.id for key in keys)
            raise bad_request(f'several keys are called "{word[:80]}"; say which by its id: {ids}')
        return keys[0]

    def revoke(self, key_id: str) -> Key:
        """End a key, now and on every replica; one that is over stays as it is. Raises ServerError 404."""
        revoked = update(KeyRow).where(KeyRow.id == key_id, KeyRow.revoked_at.is_(None))
        with writing(self._engine) as session:
            session.execute(revoked.values(revoked_at=time.time()))
        return self._get(key_id)

    def limit(self, key_id: str, **limits: float | None) -> Key:
        """Change some of credits, monthly_credits, per_minute and weight. Raises ServerError 400 or 404."""
        with writing(self._engine) as session:
            session.execute(update(KeyRow).where(KeyRow.id == key_id).values(**_checked(**limits)))
        return self._get(key_id)

    def _get(self, key_id: str) -> Key:
        with reading(self._engine) as session:
            row = session.get(KeyRow, key_id)
        if row is None:
            raise not_found(f"key {key_id[:80]}")
        return _key(row)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _unknown(sentence: str) -> ServerError:
    return ServerError(401, "invalid_api_key", sentence, headers={"WWW-Authenticate": "Bearer"})


def _scopes(scopes: Iterable[str]) -> list[str]:
    """Known ones, each once, in their usual order."""
    given = set(scopes)
    if unknown := sorted(given - set(SCOPES)):
        raise bad_request(f'there is no scope "{unknown[0][:40]}"; there are {_listed(SCOPES)}', "scopes")
    if not given:
        raise bad_request(f"a key needs a scope; there are {_listed(SCOPES)}", "scopes")
    return [scope for scope in SCOPES if scope in given]


def _checked(**limits: float | None) -> dict[str, Any]:
    for name, value in limits.items():
        lowest = 1 if name == "per_minute" else 0
        if value is not None and not lowest <= value <= 10**9:
            raise bad_request(f"{name} must be between {lowest} and 1,000,000,000, not {value}", name)
        if name == "weight" and not value:
            raise bad_request("a weight must be above 0; 1 is usual, 2 gets twice the turns", name)
    return limits


def _key(row: KeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        credits=row.credits,
        monthly_credits=row.monthly_credits,
        per_minute=row.per_minute,
        weight=row.weight,
    )


def _listed(scopes: Iterable[str]) -> str:
    return ", ".join(scope for scope in SCOPES if scope in set(scopes))
