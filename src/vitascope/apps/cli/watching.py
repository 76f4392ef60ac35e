"""A stream to watch in a browser: a page, its pictures as multipart JPEG, and words that watchers may change.

GET / is the page, GET /stream the pictures, GET and POST /words the words. Knows frames and a text; not who
paints, and nothing of the command line.

What reaches it from outside: other pages in the same browser. So a stream on loopback answers only to the
names of this machine (a foreign name that leads here is DNS rebinding), words are taken from its own page
only, and bodies are short.
"""

from __future__ import annotations

import html
import io
import ipaddress
import socket
import socketserver
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from vitascope.canvas import CanvasError, Words

LONGEST_BODY = 2048  # bytes of words
MOST_WATCHERS = 16  # each holds a thread
JPEG_QUALITY = 85
_BOUNDARY = b"--frame\r\n"
_OWN_PAGE_ONLY = (
    "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; frame-ancestors 'none'"
)


class Wish:
    """The words that hold now; anyone may change them at any time."""

    def __init__(self, text: str) -> None:
        self._text = ""
        self.say(text)

    def say(self, text: str) -> None:
        """Let these words hold from the next window on. Raises CanvasError for none or for broken ones."""
        # Control characters would reach a terminal; there they could do more than be read.
        text = "".join(letter if letter.isprintable() else " " for letter in Words(text).text)
        text = " ".join(text.split())
        if not text:
            raise CanvasError("say what to see")
        self._text = text

    def now(self) -> str:
        """What holds."""
        return self._text


class Channel:
    """The frame that is on now, for any number of watchers: a slow one misses frames and holds up nobody."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._coding = threading.Lock()
        self._frame: NDArray[np.uint8] | None = None
        self._number = 0
        self._jpeg = 0, b""
        self._closed = False

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Put a frame uint8 [H, W, 3] on."""
        with self._changed:
            self._frame, self._number = frame, self._number + 1
            self._changed.notify_all()

    def close(self) -> None:
        """No frame will follow."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def next_jpeg(self, after: int) -> tuple[int, bytes] | None:
        """The newest frame and its number, once there is one later than `after`; None when it's over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._number > after)
            frame, number = self._frame, self._number
            if number <= after or frame is None:
                return None
        with self._coding:  # the first who asks compresses it for all
            if self._jpeg[0] < number:
                self._jpeg = number, _jpeg(frame)
            return self._jpeg


class Station(ThreadingHTTPServer):
    """The server: start() and stop(). Raises OSError where the address can't be had."""

    daemon_threads = True

    def __init__(self, host: str, port: int, channel: Channel, wish: Wish) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.channel, self.wish = channel, wish
        self.seats = threading.BoundedSemaphore(MOST_WATCHERS)
        super().__init__((host, port), _Request)
        self.loopback = ipaddress.ip_address(str(self.server_address[0])).is_loopback

    @property
    def url(self) -> str:
        """Where to look."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def server_bind(self) -> None:
        """Without looking up the machine's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A watcher who left is no error."""

    def start(self) -> None:
        """Serve from a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        """End every stream and close the door."""
        self.channel.close()
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    """One request. HTTP/1.0: a connection carries one, so nothing has to be kept in step."""

    timeout = 10  # seconds that a watcher may stall
    server_version, sys_version = "vitascope", ""

    @property
    def station(self) -> Station:
        return cast(Station, self.server)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal shows the picture."""

    def do_GET(self) -> None:
        if not self._from_here():
            return
        path = urlsplit(self.path).path
        if path == "/":
            page = _PAGE.replace("{words}", html.escape(self.station.wish.now(), quote=True))
            self._answer(HTTPStatus.OK, page, "text/html")
        elif path == "/words":
            self._answer(HTTPStatus.OK, self.station.wish.now())
        elif path == "/stream":
            self._stream()
        else:
            self._answer(HTTPStatus.NOT_FOUND, "there are /, /stream and /words")

    def do_POST(self) -> None:
        body = self._body()
        if body is None or not self._from_here():
            return
        if urlsplit(self.path).path != "/words":
            self._answer(HTTPStatus.NOT_FOUND, "words go to /words")
            return
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            self._answer(HTTPStatus.FORBIDDEN, "words are taken from this stream's own page only")
            return
        try:
            self.station.wish.say(body.decode("utf-8"))
        except UnicodeDecodeError:
            self._answer(HTTPStatus.BAD_REQUEST, "words are text in UTF-8")
        except CanvasError as error:
            self._answer(HTTPStatus.BAD_REQUEST, error.message)
        else:
            self._answer(HTTPStatus.OK, self.station.wish.now())

    def _body(self) -> bytes | None:
        """What was sent, or None after an answer that says why it isn't taken."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._answer(HTTPStatus.LENGTH_REQUIRED, "say how long the words are (Content-Length)")
            return None
        if int(length) > LONGEST_BODY:
            self.rfile.read(min(int(length), 16 * LONGEST_BODY))  # or the sender wouldn't hear the answer
            message = f"words are at most {LONGEST_BODY} bytes long"
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
            return None
        return self.rfile.read(int(length))

    def _from_here(self) -> bool:
        """Whether the request names this machine, where only this machine is served."""
        if not self.station.loopback or _is_loopback(self.headers.get("Host", "")):
            return True
        self._answer(HTTPStatus.FORBIDDEN, f"this stream is at {self.station.url}")
        return False

    def _answer(self, status: HTTPStatus, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self._head(status, f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")  # no other page may show it
        self.send_header("Content-Security-Policy", _OWN_PAGE_ONLY)

    def _stream(self) -> None:
        if not self.station.seats.acquire(blocking=False):
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_WATCHERS} are watching already")
            return
        try:
            self._head(HTTPStatus.OK, "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            self.wfile.write(_BOUNDARY)
            number = 0
            while found := self.station.channel.next_jpeg(number):
                number, jpeg = found
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
                # The next boundary at once: browsers show a picture when they have seen its end.
                self.wfile.write(head + jpeg + b"\r\n" + _BOUNDARY)
        finally:
            self.station.seats.release()


def _is_loopback(host: str) -> bool:
    """Whether a Host header is a name of this machine alone."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _jpeg(frame: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vitascope live</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; justify-items: center; gap: 1rem;
         background: #111; color: #eee; font: 1rem system-ui, sans-serif }
  img { width: min(92vw, 78vh); background: #222 }
  form { display: flex; gap: .5rem; width: min(92vw, 78vh) }
  input { flex: 1; min-width: 0; padding: .6rem; font: inherit }
  button { padding: .6rem 1rem; font: inherit }
  p { margin: 0; min-height: 1.2em }
</style>
<img src="/stream" alt="the live video">
<form>
  <input name="words" value="{words}" aria-label="What to see" maxlength="500" autocomplete="off" required>
  <button>Show</button>
</form>
<p role="status"></p>
<script>
  const form = document.querySelector("form"), status = document.querySelector("p");
  form.addEventListener("submit", async event => {
    event.preventDefault();
    try {
      const answer = await fetch("/words", { method: "POST", body: form.elements.words.value });
      status.textContent = answer.ok ? "From the next window on." : await answer.text();
    } catch { status.textContent = "The stream has ended."; }
  });
</script>
</html>
"""
