"""Strangers' URLs, against a real HTTPS server with a real certificate, and a resolver that lies.

The server listens on loopback. A wire leads what would go to a public address there, so that the rules hold
as strictly as they do outside, and writes down every address that was asked for.
"""

from __future__ import annotations

import datetime
import io
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from vitascope.apps.server.inputs.fetching import CannotFetch, Fetcher, is_public

PICTURE = b"\x89PNG, or so it says" * 50
PUBLIC, OTHER, PRIVATE = "93.184.216.34", "1.1.1.1", "10.1.2.3"
NAMES = {"cdn.test": [PUBLIC], "other.test": [OTHER], "inside.test": [PRIVATE], "wrong-name.test": [PUBLIC]}


class Site(BaseHTTPRequestHandler):
    """What the world outside may answer."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *args: object) -> None: ...

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers["Host"], body, self.headers["Signed"]))  # type: ignore[attr-defined]
        self._answer(302, {"Location": "https://inside.test/"})

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["Host"], self.headers["Accept-Encoding"]))  # type: ignore[attr-defined]
        path, _, rest = self.path.partition("?")
        if path == "/to":
            self._answer(302, {"Location": rest})
        elif path == "/again":
            left = int(rest)
            self._answer(307, {"Location": f"/again?{left - 1}" if left else "/picture.png"})
        elif path == "/nowhere":
            self._answer(301, {})
        elif path == "/typed":
            self._answer(200, {"Content-Type": rest}, PICTURE)
        elif path == "/packed":
            self._answer(200, {"Content-Type": "image/png", "Content-Encoding": "gzip"}, PICTURE)
        elif path == "/empty":
            self._answer(200, {"Content-Type": "image/png"})
        elif path == "/endless":
            self._endless()
        elif path == "/trickle":
            self._trickle()
        elif path == "/cut":
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(PICTURE)
            self.close_connection = True
        elif path == "/picture.png":
            self._answer(200, {"Content-Type": "image/png; charset=binary"}, PICTURE)
        else:
            self._answer(404, {})

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _endless(self) -> None:
        """More than was said: chunks without a length."""
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(10_000):
            self.wfile.write(b"1000\r\n" + bytes(4096) + b"\r\n")

    def _trickle(self) -> None:
        """A byte now and then: no single wait is long."""
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"x")
            time.sleep(0.05)


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        super().__init__(("127.0.0.1", 0), Site)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """That a client hangs up is what is tested."""

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        connection.settimeout(60)
        return connection, address


class Wire(httpcore.NetworkBackend):
    """Leads every address to the one server here, and remembers what was asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[tuple[str, int]] = []
        self.deaf: set[str] = set()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> Any:
        self.asked.append((host, port))
        if host in self.deaf:
            raise httpcore.ConnectError("refused")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for cdn.test, other.test, inside.test and 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(each) for each in NAMES if each != "wrong-name.test"]
    local = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([*names, local]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    place = tmp_path_factory.mktemp("certificate") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return place


@pytest.fixture
def site(certificate: Path) -> Iterator[Quiet]:
    server = Quiet()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # The handshake is each connection's own affair, or one silent client would hold up the rest.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def wire(site: Quiet) -> Wire:
    return Wire(site.server_port)


@pytest.fixture
def fetcher(wire: Wire, certificate: Path) -> Callable[..., Fetcher]:
    def make(resolve: Any = NAMES.__getitem__, **more: Any) -> Fetcher:
        chosen = {"seconds": 60.0, "tls": ssl.create_default_context(cafile=str(certificate))} | more
        return Fetcher(resolve=resolve, wire=wire, **chosen)

    return make


def get(fetcher: Fetcher, url: str, max_bytes: int = 1 << 20) -> tuple[bytes, str]:
    file = io.BytesIO()
    fetched = fetcher.fetch(url, file, max_bytes)
    assert fetched.bytes == len(file.getvalue())
    return file.getvalue(), fetched.media_type


def refusal(fetcher: Fetcher, url: str, max_bytes: int = 1 << 20) -> str:
    with pytest.raises(CannotFetch) as caught:
        fetcher.fetch(url, io.BytesIO(), max_bytes)
    return str(caught.value)


def test_a_picture_comes_over_https_by_its_name(
    fetcher: Callable[..., Fetcher], site: Quiet, wire: Wire
) -> None:
    assert get(fetcher(), "https://cdn.test/picture.png?a=b c".replace(" ", "%20")) == (PICTURE, "image/png")
    assert wire.asked == [(PUBLIC, 443)]
    assert site.seen == [("/picture.png?a=b%20c", "cdn.test", "identity")]
    assert get(fetcher(), "https://CDN.test:443/picture.png#part")[0] == PICTURE


def test_the_certificate_must_be_the_names(fetcher: Callable[..., Fetcher], wire: Wire) -> None:
    assert "certificate" in refusal(fetcher(), "https://wrong-name.test/picture.png")
    assert "certificate" in refusal(fetcher(tls=ssl.create_default_context()), "https://cdn.test/picture.png")
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://cdn.test/picture.png", "https://"),
        ("ftp://cdn.test/picture.png", "https://"),
        ("file:///etc/passwd", "https://"),
        ("//cdn.test/picture.png", "https://"),
        ("https:///picture.png", "no host"),
        ("https://me:secret@cdn.test/picture.png", "password"),
        ("https://@cdn.test/picture.png", "password"),
        ("https://cdn.test:8443/picture.png", "port"),
        ("https://cdn.test:0/picture.png", "port"),
        ("https://cdn.test:99999/picture.png", "isn't a URL"),
        ("https://[::1/picture.png", "isn't a URL"),
        ("https://" + "a" * 70 + ".test/", "isn't a URL"),
        ("https://cdn.test/a picture.png", "blanks"),
        ("https://cdn.test\\@inside.test/", "backslashes"),
        ("https://cdn.test/\r\nHost: inside.test", "blanks"),
        ("https://cdn.test/" + "a" * 9000, "longer"),
    ],
)
def test_bad_urls_are_refused_by_their_text(
    fetcher: Callable[..., Fetcher], wire: Wire, url: str, why: str
) -> None:
    assert why in refusal(fetcher(), url)
    assert wire.asked == []


STRICT = Fetcher(resolve=NAMES.__getitem__)


@given(url=st.text(max_size=60).map(lambda text: "https://" + text) | st.text(max_size=30))
def test_any_text_is_a_url_or_refused(url: str) -> None:
    try:
        STRICT.check(url)
    except CannotFetch:
        return
    assert url.lower().startswith("https://")


NOT_PUBLIC = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "3fff::1",
    "5f00::1",
    "nonsense",
    "127.1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_private_address_is_connected_to(
    fetcher: Callable[..., Fetcher], wire: Wire, address: str
) -> None:
    assert not is_public(address)
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        assert "private" in refusal(fetcher(lambda name, found=found: found), "https://cdn.test/picture.png")
    assert wire.asked == []


@pytest.mark.parametrize(
    "address", ["8.8.8.8", PUBLIC, "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@given(number=st.integers(0, 2**32 - 1))
def test_wrapping_an_address_changes_nothing(number: int) -> None:
    inside = is_public(str(ipaddress.IPv4Address(number)))
    for prefix in (0xFFFF << 32, int(ipaddress.ip_address("64:ff9b::"))):
        assert is_public(str(ipaddress.IPv6Address(prefix | number))) == inside
    assert is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1))) == inside


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "0"]
)
def test_loopback_is_refused_however_it_is_spelt(host: str) -> None:
    assert "private" in refusal(Fetcher(seconds=60), f"https://{host}/")


def test_a_name_that_changes_its_mind_gains_nothing(fetcher: Callable[..., Fetcher], wire: Wire) -> None:
    """DNS rebinding: the first answer is public and checked, all later ones would be private."""
    answers = [[PUBLIC]]

    def rebinding(name: str) -> list[str]:
        return answers.pop() if answers else ["127.0.0.1"]

    hurried = fetcher(rebinding)
    assert get(hurried, "https://cdn.test/picture.png")[0] == PICTURE
    assert wire.asked == [(PUBLIC, 443)]  # asked once, connected to that very address
    assert "private" in refusal(hurried, "https://cdn.test/picture.png")
    answers.append([PUBLIC])
    assert "private" in refusal(hurried, "https://cdn.test/again?1")  # the redirect's look-up is the second
    assert wire.asked == [(PUBLIC, 443)] * 2


def test_redirects_are_followed_and_checked_anew(
    fetcher: Callable[..., Fetcher], site: Quiet, wire: Wire
) -> None:
    to = "https://cdn.test/to?"
    assert get(fetcher(), f"{to}https://other.test/picture.png")[0] == PICTURE
    assert wire.asked == [(PUBLIC, 443), (OTHER, 443)]
    assert site.seen[-1][1] == "other.test"
    assert get(fetcher(), "https://cdn.test/again?2")[0] == PICTURE  # three redirects
    assert "more than 3" in refusal(fetcher(), "https://cdn.test/again?3")
    wire.asked.clear()
    assert "private" in refusal(fetcher(), f"{to}https://inside.test/picture.png")
    assert "https://" in refusal(fetcher(), f"{to}http://other.test/picture.png")
    assert "password" in refusal(fetcher(), f"{to}https://a:b@other.test/picture.png")
    assert "port" in refusal(fetcher(), f"{to}https://other.test:22/")
    assert "https://" in refusal(fetcher(), f"{to}file:///etc/passwd")
    assert "nowhere" in refusal(fetcher(), "https://cdn.test/nowhere")
    assert {address for address, _ in wire.asked} == {PUBLIC}


def test_size_is_counted_not_believed(fetcher: Callable[..., Fetcher]) -> None:
    size = len(PICTURE)
    assert get(fetcher(), "https://cdn.test/picture.png", size)[0] == PICTURE
    assert "larger" in refusal(fetcher(), "https://cdn.test/picture.png", size - 1)
    file = io.BytesIO()
    with pytest.raises(CannotFetch, match=r"limit of 0\.0976562 MiB|limit of 0\.097"):
        fetcher().fetch("https://cdn.test/endless", file, 102_400)
    assert len(file.getvalue()) <= 102_400


def test_time_is_limited_as_a_whole(fetcher: Callable[..., Fetcher]) -> None:
    began_s = time.monotonic()
    assert "within 1 s" in refusal(fetcher(seconds=1.0), "https://cdn.test/trickle")
    slow_name = threading.Event()
    assert "within 0.2 s" in refusal(
        fetcher(lambda name: [str(slow_name.wait(60))], seconds=0.2), "https://cdn.test/"
    )
    slow_name.set()
    assert time.monotonic() - began_s < 30


def test_a_server_that_never_shakes_hands_is_left(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        wire = Wire(silent.getsockname()[1])
        hurried = Fetcher(resolve=NAMES.__getitem__, wire=wire, seconds=0.5)
        assert "within 0.5 s" in refusal(hurried, "https://cdn.test/picture.png")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("typed?text/html", "'text/html'"),
        ("typed?application/octet-stream", "image/... or video/..."),
        ("typed?", "no type"),
        ("typed?imagery/png", "image/..."),
        ("typed?image", "image/..."),
        ("typed?audio/mpeg", "image/..."),
        ("packed", "Content-Encoding"),
        ("empty", "empty"),
        ("cut", "broke off"),
        ("missing", "404"),
    ],
)
def test_only_pictures_and_videos_come_in(fetcher: Callable[..., Fetcher], path: str, why: str) -> None:
    assert why in refusal(fetcher(), f"https://cdn.test/{path}")


def test_types_of_pictures_and_videos_are_taken(fetcher: Callable[..., Fetcher]) -> None:
    assert get(fetcher(), "https://cdn.test/typed?video/mp4")[1] == "video/mp4"
    assert get(fetcher(), "https://cdn.test/typed?IMAGE/WebP")[1] == "image/webp"


def test_the_next_address_is_tried_where_one_is_deaf(fetcher: Callable[..., Fetcher], wire: Wire) -> None:
    wire.deaf = {OTHER}
    assert get(fetcher(lambda name: [OTHER, PUBLIC]), "https://cdn.test/picture.png")[0] == PICTURE
    assert wire.asked == [(OTHER, 443), (PUBLIC, 443)]
    assert "can't be reached" in refusal(fetcher(lambda name: [OTHER]), "https://cdn.test/picture.png")
    assert "no address" in refusal(fetcher(lambda name: []), "https://cdn.test/picture.png")


def test_an_unknown_host_is_said(fetcher: Callable[..., Fetcher]) -> None:
    def unknown(name: str) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert "can't be found" in refusal(fetcher(unknown), "https://nobody.test/")


def test_private_addresses_ports_and_http_are_for_tests_only(site: Quiet, certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))
    open_door = Fetcher(seconds=60, private=True, tls=tls)
    assert get(open_door, f"https://127.0.0.1:{site.server_port}/picture.png")[0] == PICTURE
    assert site.seen[-1][1] == f"127.0.0.1:{site.server_port}"
    plain = Quiet()
    threading.Thread(target=plain.serve_forever, args=(0.02,), daemon=True).start()
    try:
        assert get(open_door, f"http://127.0.0.1:{plain.server_port}/again?1")[0] == PICTURE
    finally:
        plain.shutdown()
        plain.server_close()


def test_what_is_sent_follows_the_same_rules(
    fetcher: Callable[..., Fetcher], site: Quiet, wire: Wire
) -> None:
    assert fetcher().send("https://cdn.test/hook", b'{"a": 1}', {"Signed": "yes"}) == 302
    assert site.seen == [("/hook", "cdn.test", b'{"a": 1}', "yes")]
    with pytest.raises(CannotFetch, match="private"):
        fetcher().send("https://inside.test/hook", b"{}", {})
    assert wire.asked == [(PUBLIC, 443)]
