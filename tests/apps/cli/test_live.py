"""A stream that never ends: painted by the toy, watched through a real server and a real terminal."""

import http.client
import io
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from PIL import Image

from vitascope.apps.cli.live import Player, Tally, stopping
from vitascope.apps.cli.preview import half_blocks
from vitascope.apps.cli.watching import LONGEST_BODY, MOST_WATCHERS, Channel, Station, Wish
from vitascope.canvas import CanvasError
from vitascope.engine import Cancelled
from vitascope.media import probe, read_clip

Command = Callable[..., Any]
PROGRAM = [sys.executable, "-c", "import sys; from vitascope.apps.cli import main; sys.exit(main())"]
LIVE = ("live", "a fox", "--filler", "toy", "--size", "32", "--port", "0")
RED, BLUE = (np.full((8, 12, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))


# The server


@pytest.fixture
def station() -> Iterator[Station]:
    station = Station("127.0.0.1", 0, Channel(), Wish("a fox"))
    station.start()
    yield station
    station.stop()


def ask(
    station: Station, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", station.server_address[1], timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


def read_frame(stream: IO[bytes]) -> Image.Image:
    """The next picture of a multipart stream."""
    assert stream.readline() == b"--frame\r\n"
    assert stream.readline() == b"Content-Type: image/jpeg\r\n"
    length = int(stream.readline().split(b":")[1])
    assert stream.readline() == b"\r\n"
    picture = Image.open(io.BytesIO(stream.read(length)))
    assert stream.readline() == b"\r\n"
    return picture


def test_the_page_shows_the_stream_and_the_words(station: Station) -> None:
    station.wish.say('<b> & "quotes"')
    status, page = ask(station, "GET", "/")
    assert status == 200
    assert '<img src="/stream"' in page
    assert 'value="&lt;b&gt; &amp; &quot;quotes&quot;"' in page
    assert ask(station, "GET", "/elsewhere")[0] == 404
    assert ask(station, "POST", "/", b"a boat")[0] == 404


def test_watchers_see_the_newest_frame_and_the_end(station: Station) -> None:
    streams: list[http.client.HTTPResponse] = []
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", station.server_address[1], timeout=10)
        connection.request("GET", "/stream")
        streams.append(connection.getresponse())
    assert streams[0].getheader("Content-Type") == "multipart/x-mixed-replace; boundary=frame"
    for frame, strongest in ((RED, 0), (BLUE, 2)):
        station.channel.show(frame)
        for stream in streams:
            picture = read_frame(stream)
            assert picture.size == (12, 8)
            assert int(np.asarray(picture)[4, 6].argmax()) == strongest
    station.channel.close()
    assert [stream.read() for stream in streams] == [b"--frame\r\n"] * 2


def test_a_slow_watcher_misses_frames_and_holds_up_nobody() -> None:
    channel = Channel()
    for _ in range(1000):
        channel.show(RED)
    channel.show(BLUE)
    found = channel.next_jpeg(0)
    assert found
    assert found[0] == 1001
    assert channel.next_jpeg(3) == found


def test_there_are_seats_for_so_many(station: Station) -> None:
    connections: list[http.client.HTTPConnection] = []
    for _ in range(MOST_WATCHERS):
        connection = http.client.HTTPConnection("127.0.0.1", station.server_address[1], timeout=10)
        connection.request("GET", "/stream")
        assert connection.getresponse().status == 200
        connections.append(connection)
    assert ask(station, "GET", "/stream")[0] == 503
    for connection in connections:
        connection.close()
    for _ in range(100):  # a seat is free again once a frame couldn't be sent
        station.channel.show(RED)
        time.sleep(0.05)
        if station.seats.acquire(blocking=False):
            station.seats.release()
            return
    raise AssertionError("no seat became free")


def test_words_are_taken(station: Station) -> None:
    assert ask(station, "POST", "/words", " ein Fuchs\n schläft ".encode()) == (200, "ein Fuchs schläft")
    assert station.wish.now() == "ein Fuchs schläft"
    assert ask(station, "GET", "/words") == (200, "ein Fuchs schläft")
    own = station.url.rstrip("/")
    assert ask(station, "POST", "/words", b"a boat", Origin=own) == (200, "a boat")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * (LONGEST_BODY + 1), {}, 413),
        (b"x" * (100 * LONGEST_BODY), {}, 413),
        (b"", {}, 400),
        (b"  ", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"a\0b", {}, 400),
        (b"a boat", {"Content_Length": "-1"}, 411),
        (b"a boat", {"Content_Length": "six"}, 411),
        (b"a boat", {"Origin": "https://elsewhere.example"}, 403),
        (b"a boat", {"Origin": "null"}, 403),
        (b"a boat", {"Host": "elsewhere.example"}, 403),
    ],
)
def test_words_are_refused(station: Station, body: bytes, headers: dict[str, str], status: int) -> None:
    try:
        assert ask(station, "POST", "/words", body, **headers)[0] == status
    except (BrokenPipeError, ConnectionResetError):
        assert len(body) > 16 * LONGEST_BODY  # it may hang up on one who sends without end
    assert station.wish.now() == "a fox"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8765", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8765", 200),
        ("rebound.example:8765", 403),
        ("localhost.rebound.example", 403),
        ("192.168.0.7", 403),
        ("[", 403),
        ("", 403),
    ],
)
def test_only_the_names_of_this_machine_are_answered(station: Station, host: str, status: int) -> None:
    for path in ("/", "/words"):
        assert ask(station, "GET", path, Host=host)[0] == status
    if status == 403:
        assert ask(station, "GET", "/stream", Host=host)[0] == 403


def test_a_server_for_others_takes_any_name() -> None:
    station = Station("0.0.0.0", 0, Channel(), Wish("a fox"))
    station.start()
    assert not station.loopback
    assert ask(station, "GET", "/words", Host="studio.example")[0] == 200
    station.stop()


def test_words_can_not_speak_to_the_terminal() -> None:
    wish = Wish("a fox")
    wish.say("a \033[31mred\033[0m\r\nboat\x07")
    assert wish.now() == "a [31mred [0m boat"
    for nothing in ("", " \n ", "\033"):
        with pytest.raises(CanvasError, match="say what to see"):
            wish.say(nothing)
    assert wish.now() == "a [31mred [0m boat"


# The player


def put_nine(player: Player) -> None:
    for _ in range(9):
        player.put(RED)


def test_frames_are_shown_when_their_time_comes() -> None:
    shown: list[float] = []
    with Player(Fraction(20), 4, threading.Event(), lambda frame: shown.append(time.monotonic())) as player:
        put_nine(player)
    assert len(shown) == 9
    assert shown[-1] - shown[0] >= 7.5 / 20


def test_one_who_paints_faster_has_to_wait_and_one_who_stops_need_not() -> None:
    stop, shown = threading.Event(), list[Any]()
    began_s = time.monotonic()
    with Player(Fraction(1, 10), 2, stop, shown.append) as player:
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(Cancelled):
            put_nine(player)
    assert len(shown) == 1
    assert time.monotonic() - began_s < 5


def test_an_error_on_the_screen_reaches_the_painter() -> None:
    def show(frame: Any) -> None:
        raise BrokenPipeError("the terminal is gone")

    with (
        pytest.raises(BrokenPipeError, match="the terminal is gone"),
        Player(Fraction(8), 2, threading.Event(), show) as player,
        pytest.raises(Cancelled),
    ):
        put_nine(player)


def test_the_pace_is_that_of_the_later_windows() -> None:
    tally = Tally()
    assert str(tally) == "Stopped before the first frame."
    tally.painted(16, 8.0)
    assert "Painted 2.0 frames a second" in str(tally)
    tally.painted(12, 1.0)
    tally.painted(12, 2.0)
    assert "Painted 8.0 frames a second; the first were there after 0.0 s." in str(tally)


def test_the_second_ctrl_c_breaks_off() -> None:
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt), stopping(stop):  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.is_set()
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# The command


def test_it_records_as_many_seconds_as_are_asked_for(vitascope: Command) -> None:
    ran = vitascope(*LIVE, "--seconds", "2.5", "-o", "fox.mp4")
    assert ran.status == 0
    assert ran.out == "fox.mp4  seed 0\n"
    first, where, pace = ran.err.splitlines()
    assert first == "Painting 32x32 at 8 fps with toy; Ctrl-C ends it."
    assert re.fullmatch(r"Watch it and change its words: http://127\.0\.0\.1:\d+/", where)
    assert re.fullmatch(r"Painted \d+\.\d frames a second; the first were there after \d+\.\d s\.", pace)
    info = probe("fox.mp4")
    assert (info.frames, info.rate_fps) == (20, Fraction(8))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--seconds", "soon"), '--seconds: "soon" is not a time'),
        (("-o", "fox.mpq"), "--output: fox.mpq is of no known format"),
        (("--host", "no such place"), "--port: can't serve at no such place:0"),
        (("--port", "70000"), "--port"),
        (("--filler", "tow"), 'did you mean "toy"?'),
        (("--rate", "0.5"), "one frame is no video"),
    ],
)
def test_what_was_wrong(vitascope: Command, arguments: tuple[str, ...], line: str) -> None:
    ran = vitascope(*LIVE, *arguments)
    assert ran.status in (1, 2)
    assert line in ran.err
    assert ran.err.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_a_port_that_is_taken(vitascope: Command, station: Station) -> None:
    ran = vitascope(*LIVE, "--port", str(station.server_address[1]))
    assert ran.status == 2
    assert "address already in use); --port takes another, 0 any that is free" in ran.err


def started(tmp_path: Path, *arguments: str, **how: Any) -> tuple[subprocess.Popen[str], str, int]:
    """The program, running, and the host and port that it serves at."""
    plain: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    run = subprocess.Popen(
        [*PROGRAM, *LIVE, *arguments], cwd=tmp_path, stderr=subprocess.PIPE, text=True, **plain | how
    )
    assert run.stderr
    while not (found := re.search(r"http://([\d.]+):(\d+)/", run.stderr.readline())):
        assert run.poll() is None
    return run, found[1], int(found[2])


def watched(host: str, port: int) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(host, port, timeout=30)
    connection.request("GET", "/stream")
    return connection.getresponse()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_stopped_and_finishes_its_file(tmp_path: Path, number: signal.Signals) -> None:
    run, host, port = started(tmp_path, "-o", "fox.mp4")
    stream = watched(host, port)
    for _ in range(3):
        assert read_frame(stream).size == (32, 32)
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0
    assert out == "fox.mp4  seed 0\n"
    assert "frames a second" in err
    assert [path.name for path in tmp_path.iterdir()] == ["fox.mp4"]
    assert len(read_clip(tmp_path / "fox.mp4")) > 3
    stream.close()


def test_words_typed_and_posted_change_what_is_painted(tmp_path: Path) -> None:
    run, host, port = started(tmp_path, "--rate", "24")
    assert run.stdin
    assert run.stderr
    stream = watched(host, port)
    before = np.asarray(read_frame(stream)).astype(int)
    run.stdin.write("\na boat\n")
    run.stdin.flush()
    assert run.stderr.readline() == "From the next window on: a boat\n"
    connection = http.client.HTTPConnection(host, port, timeout=30)
    connection.request("GET", "/words")
    assert connection.getresponse().read() == b"a boat"
    connection.close()
    # The toy's colours follow from the words: a window or two later they are others.
    changes = [np.abs(np.asarray(read_frame(stream)).astype(int) - before).mean() for _ in range(160)]
    assert max(changes) > 30
    connection.request("POST", "/words", b"a castle")
    assert connection.getresponse().status == 200
    run.stdin.close()  # no more lines: the stream goes on
    for _ in range(48):
        read_frame(stream)
    assert run.poll() is None
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 0
    stream.close()
    run.stdout.close()  # type: ignore[union-attr]
    run.stderr.close()


def test_on_a_terminal_it_shows_a_small_picture_and_hears_what_is_typed(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "COLUMNS": "60",
        "LINES": "20",
    }
    run, host, port = started(tmp_path, stdin=theirs, stdout=theirs, env=environment)
    os.close(theirs)
    seen = b""
    os.write(ours, b"a boat\n")
    while b"a boat" not in seen.split(b"\033[H")[-1] or seen.count("▀".encode()) < 100:
        seen += os.read(ours, 65536)
    run.send_signal(signal.SIGINT)
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if not read:
            break
        seen += read
    assert run.wait(60) == 0
    os.close(ours)
    assert run.stderr
    assert "frames a second" in run.stderr.read()
    run.stderr.close()
    assert b"\033[?1049h" in seen  # a screen of its own,
    assert seen.rstrip().endswith(b"\033[?1049l")  # and what was there before is back
    assert b"\033[38;2;" in seen
    assert f"http://{host}:{port}/".encode() in seen


def test_half_blocks_keep_the_shape_and_show_two_pixels_each() -> None:
    frame = np.concatenate([RED, BLUE])  # 16 high, 12 wide
    cells = half_blocks(frame, 80, 4).segments
    rows = "".join(cell.text for cell in cells).splitlines()
    assert [len(row) for row in rows] == [6] * 4
    assert all(str(cell.style).startswith("#ff0000 on #f") for cell in cells[:6])
    middle = half_blocks(np.concatenate([RED[:1], BLUE[:1]]), 12, 20).segments
    assert str(middle[0].style) == "#ff0000 on #0000ff"
