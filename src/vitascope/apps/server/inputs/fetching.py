"""What strangers' URLs lead to: https only, public addresses only, within limits of time, size and type.

The name is looked up once. All its addresses are checked, and the connection goes to one of those very
addresses, while TLS still asks for the name's certificate: a name that changes its mind between the check and
the connection (DNS rebinding) gains nothing. Every redirect starts over. Knows no request of ours, no key and
no file: bytes go where the caller says, and nobody has looked at them yet.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import httpcore

MOST_REDIRECTS = 3
LONGEST_URL = 8192  # characters; signed storage links have 1,000 to 2,000
_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = {
    "Accept-Encoding": "identity",  # so that a kilobyte can't unpack to a gigabyte
    "User-Agent": "vitascope",
}
_INTERNET6 = ip_network("2000::/3")  # all that is handed out so far; the rest has special meanings
_NAT64 = ip_network("64:ff9b::/96")
# Not for the public, though Python 3.11 calls them global: IETF's own block, the address at which virtual
# machines on Azure find their host, and a block for documentation.
_PRIVATE_TOO = [ip_network(net) for net in ("192.0.0.0/24", "168.63.129.16/32", "3fff::/20")]

Resolve = Callable[[str], Sequence[str]]


class CannotFetch(ValueError):
    """A URL that isn't followed, or doesn't lead to what was asked for: says why, and what would do."""


@dataclass(frozen=True)
class Fetched:
    """What came: how many bytes, and the type that the sender claims (nobody has checked it)."""

    bytes: int
    media_type: str


def look_up(name: str) -> list[str]:
    """All addresses of a host name, as the system's resolver gives them."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet; those that wrap an IPv4 address are unwrapped."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            wrapped = IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
        if ip not in _INTERNET6:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _PRIVATE_TOO)


class Fetcher:
    """Follows strangers' URLs. `seconds` bounds a whole fetch with its redirects.

    `private` allows http, any port and any address: for tests, and for nothing else. `tls` says whose
    certificates are believed, `resolve` who is asked for addresses, `wire` how an address is connected to.
    """

    def __init__(
        self,
        *,
        seconds: float = 30.0,
        private: bool = False,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = look_up,
        wire: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._seconds, self._private = seconds, private
        self._tls = tls or ssl.create_default_context()
        self._resolve, self._wire = resolve, wire or httpcore.SyncBackend()

    def fetch(
        self, url: str, into: BinaryIO, max_bytes: int, kinds: Collection[str] = ("image", "video")
    ) -> Fetched:
        """Write what is at `url` into a file; what was written before an error stays there.

        `kinds` are the first halves of the types that are taken. Raises CannotFetch.
        """
        clock = _Clock(self._seconds)
        with _in_words(clock), self._connections(clock) as connections:
            for _ in range(MOST_REDIRECTS + 1):
                address = self._read(url)
                with connections.stream("GET", address, headers=_headers(address)) as answer:
                    said = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
                    if answer.status not in _REDIRECTS:
                        _check(answer.status, said, kinds)
                        return _take(answer, said, into, max_bytes)
                    if b"location" not in said:
                        raise CannotFetch("the URL redirects to nowhere")
                    url = urljoin(url, said[b"location"].strip())
        raise CannotFetch(f"the URL redirects more than {MOST_REDIRECTS} times; give the last address itself")

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """POST bytes to a stranger's URL under the same rules, without redirects; returns the status.

        Raises CannotFetch where no answer came.
        """
        clock = _Clock(self._seconds)
        with _in_words(clock), self._connections(clock) as connections:
            address = self._read(url)
            named = {"User-Agent": _HEADERS["User-Agent"]} | headers | {"Host": _host(address)}
            with connections.stream("POST", address, headers=_encoded(named), content=body) as answer:
                return answer.status

    def check(self, url: str) -> None:
        """Refuse a URL that would never be followed, by its text alone. Raises CannotFetch."""
        self._read(url)

    def _connections(self, clock: _Clock) -> httpcore.ConnectionPool:
        network = _CheckedNetwork(self._wire, self._resolve, clock, self._private)
        # No connection is kept: the next hop is looked up and checked anew.
        return httpcore.ConnectionPool(self._tls, network_backend=network, max_keepalive_connections=0)

    def _read(self, url: str) -> httpcore.URL:
        """Take a URL to pieces, once: these are connected to, so that nobody can read it in another way."""
        if len(url) > LONGEST_URL:
            raise CannotFetch(f"the URL is longer than {LONGEST_URL:,} characters")
        if any(letter <= " " or letter in "\\\x7f" for letter in url):
            raise CannotFetch("the URL has blanks, backslashes or control characters in it; encode them")
        try:
            parts = urlsplit(url)
            name, port = parts.hostname or "", parts.port
            host = name.encode("ascii" if ":" in name else "idna").decode()
        except ValueError as error:  # UnicodeError, too
            raise CannotFetch("that isn't a URL that can be followed") from error
        schemes = {"https": 443, "http": 80} if self._private else {"https": 443}
        if parts.scheme not in schemes:
            raise CannotFetch("a URL of media must begin with https://")
        if not host:
            raise CannotFetch("the URL names no host")
        if "@" in parts.netloc:
            raise CannotFetch("the URL has a user's name or password in it; give one without")
        port = schemes[parts.scheme] if port is None else port
        if port != schemes[parts.scheme] and not self._private:
            raise CannotFetch("the URL names a port; only https's own, 443, is followed")
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
        query = quote(parts.query, safe="/%:@!$&'()*+,;=-._~?")
        target = f"{path}?{query}" if query else path
        return httpcore.URL(scheme=parts.scheme, host=host, port=port, target=target)


def _headers(address: httpcore.URL) -> list[tuple[bytes, bytes]]:
    return _encoded(_HEADERS | {"Host": _host(address)})


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]


def _host(address: httpcore.URL) -> str:
    """The Host header; httpcore's own leaves out an IPv6 address's brackets."""
    host = address.host.decode("ascii")
    name = f"[{host}]" if ":" in host else host
    return name if address.port in (80, 443) else f"{name}:{address.port}"


def _check(status: int, said: dict[bytes, str], kinds: Collection[str]) -> None:
    """Refuse an answer by its head."""
    if status != 200:
        raise CannotFetch(f"the URL's server answered {status}, not 200; is the address right?")
    media_type = _media_type(said)
    if media_type.partition("/")[0] not in kinds or "/" not in media_type:
        shown = f"'{media_type[:60]}'" if media_type else "no type at all"
        needed = " or ".join(f"{kind}/..." for kind in sorted(kinds))
        raise CannotFetch(f"the URL leads to {shown}; {needed} is needed (Content-Type)")
    if said.get(b"content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise CannotFetch("the URL's server packs its answer though it was asked not to (Content-Encoding)")


def _media_type(said: dict[bytes, str]) -> str:
    return said.get(b"content-type", "").partition(";")[0].strip().lower()


def _take(answer: httpcore.Response, said: dict[bytes, str], into: BinaryIO, max_bytes: int) -> Fetched:
    """The body into the file, as long as it isn't too large."""
    too_much = CannotFetch(f"what the URL leads to is larger than the limit of {max_bytes / 2**20:g} MiB")
    length = said.get(b"content-length", "0")
    if not length.isdecimal() or int(length[:20]) > max_bytes:
        raise too_much
    count = 0
    for chunk in answer.iter_stream():
        count += len(chunk)
        if count > max_bytes:  # a length that was claimed, or not, proves nothing
            raise too_much
        into.write(chunk)
    if not count:
        raise CannotFetch("the URL leads to an empty file")
    return Fetched(count, _media_type(said))


class _Clock:
    """How much of the allowed time is left; it runs over look-ups, connections, redirects and bytes alike."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Seconds, above 0. Raises CannotFetch once they're over."""
        left = self._end - monotonic()
        if left <= 0:
            raise self.over()
        return left

    def over(self) -> CannotFetch:
        return CannotFetch(f"what the URL leads to didn't come within {self.seconds:g} s; try another place")


@contextmanager
def _in_words(clock: _Clock) -> Generator[None]:
    """Turn every way in which a connection can fail into a CannotFetch."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise clock.over() from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        why = "broke off, or speaks no proper HTTP"
        if any(isinstance(origin, ssl.SSLError) for origin in error.args):
            why = "has no certificate for this name that can be trusted"
        elif isinstance(error, httpcore.ConnectError):
            why = "can't be reached"
        raise CannotFetch(f"the URL's server {why}") from error


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to nothing but addresses that it has looked up and checked itself, and to nothing too slow."""

    def __init__(self, wire: httpcore.NetworkBackend, resolve: Resolve, clock: _Clock, private: bool) -> None:
        self._wire, self._resolve, self._clock, self._private = wire, resolve, clock, private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host)
        # One private address among public ones is an attack or a mistake, and a name of ours either way.
        if not self._private and not all(is_public(address) for address in addresses):
            raise CannotFetch("the URL leads to a private or reserved address; only public ones are followed")
        for number, address in enumerate(addresses, 1):
            left = self._clock.left()
            try:
                stream = self._wire.connect_tcp(address, port, left / (1 + len(addresses) - number))
                return _TimedStream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise CannotFetch("the URL's host has no address; is its name right?")

    def _addresses(self, host: str) -> list[str]:
        """Ask the resolver, who knows no limit of time, in a thread that may be left behind."""
        answer: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(list(self._resolve(host)))
            except (OSError, UnicodeError) as error:
                answer.put(error)

        threading.Thread(target=ask, daemon=True, name="look-up").start()
        try:
            found = answer.get(timeout=self._clock.left())
        except queue.Empty as error:
            raise self._clock.over() from error
        if isinstance(found, Exception):
            raise CannotFetch("the URL's host can't be found; is its name right?") from found
        return found


class _TimedStream(httpcore.NetworkStream):
    """A connection, every wait of which ends with the time for the whole fetch: a trickle is cut off, too."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._clock.left())
        return _TimedStream(stream, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
