"""Makes docs/pictures/track.webp: points, a box and a plane followed past what hides them; a picture pinned.

python runs/footage_pictures/track.py [FILE]
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import skimage.data

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "runs" / "footage"))

from known_motion import RATE_FPS, Wear, film, motions  # noqa: E402

from vitascope.footage import Footage, Frame, Made, unheard  # noqa: E402
from vitascope.footage.corner_pin import CornerPin  # noqa: E402
from vitascope.footage.track import Track, Tracks  # noqa: E402
from vitascope.media import write_video  # noqa: E402

SIZE_PX, FRAMES = (320, 180), 50
PLANE = "0.5,0.62 0.72,0.62 0.73,0.9 0.51,0.9"
POINTS = ("0.29,0.33", "0.8,0.27", "0.465,0.76")
BOX = "0.31,0.05,0.2,0.3"
SEEN, GUESSED = (120, 255, 120), (255, 190, 60)


def drawn(frame: Frame, tracks: Tracks, number: int) -> Frame:
    """The marks as they are found: green in sight, orange where they are guessed; with the way they came."""
    picture = frame.copy()
    for track in tracks.tracks:
        seen = track.frames[number]
        colour = SEEN if seen.visible else GUESSED
        corners = np.array(seen.corners_px or ((seen.x_px, seen.y_px),))
        places = np.round(corners * 16 - 8).astype(np.int32)
        if track.kind == "point":
            way = np.array(
                [(each.x_px, each.y_px) for each in track.frames[max(0, number - 12) : number + 1]]
            )
            way = np.round(way * 16 - 8).astype(np.int32)[:, None]
            cv2.polylines(picture, [way], False, colour, 1, cv2.LINE_AA, 4)
            cv2.circle(picture, tuple(int(value) for value in places[0]), 4 * 16, colour, 1, cv2.LINE_AA, 4)
        else:
            cv2.polylines(picture, [places[:, None]], True, colour, 1, cv2.LINE_AA, 4)
    return picture


def make_track_picture(path: Path) -> None:
    """The clip with its tracks, and beside it with a picture pinned onto the plane."""
    clip = film(
        "astronaut", motions("tilt", FRAMES, SIZE_PX, 0), SIZE_PX, Wear(noise=3, occluder=True)
    ).footage
    tracks = Track(points=POINTS, boxes=(BOX,), planes=(PLANE,)).make(clip, unheard, {})
    cat = skimage.data.chelsea()[20:260, 60:310]
    overlay = Footage(frames=[cat], width_px=cat.shape[1], height_px=cat.shape[0], rate_fps=RATE_FPS)
    pinned = CornerPin(overlay="chelsea", plane=PLANE).make(clip, unheard, {"overlay": overlay})
    assert isinstance(pinned, Made)
    gap = np.full((SIZE_PX[1], 4, 3), 255, np.uint8)
    both = [
        np.concatenate((drawn(frame, tracks, number), gap, after), axis=1)
        for number, (frame, after) in enumerate(zip(clip, pinned.frames, strict=True))
    ]
    write_video(path, both[::2], RATE_FPS / 2, quality=45)


if __name__ == "__main__":
    make_track_picture(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "track.webp")
