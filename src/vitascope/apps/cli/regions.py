"""How a command line says where: shapes ("ellipse:0.5,0.5,0.2,0.3"), and files that show it ("mask:fox.png").

A mask is grey: white is inside. Where a picture is see-through, its alpha counts instead. Knows no feature.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from vitascope.apps.cli import options as o
from vitascope.apps.cli.inputs import Clip, open_clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitascope.canvas import Region

    Plane = NDArray[np.float32]

# Lossy codecs leave black and white not quite black and white; this near, they are meant.
_NEARLY = 0.06
_SAME_SHAPE = 1.02  # a mask made a little smaller than its clip is rounded to whole pixels


@dataclass(frozen=True)
class Frames:
    """What a mask must fit: how many frames, (width_px, height_px) as given and as used, and the rate."""

    count: int
    own_size: tuple[int, int]
    size: tuple[int, int]
    rate_fps: Fraction


@dataclass(frozen=True)
class Mask:
    """A file that shows a region, or with `turned` all but it; `option` named it."""

    path: Path
    turned: bool
    option: str

    @property
    def still(self) -> bool:
        """Whether it is a single picture."""
        from vitascope.media import DEFAULT_LIMITS
        from vitascope.media.moving_pictures import is_single_picture

        return is_single_picture(self.path, DEFAULT_LIMITS)

    def plane(self, frames: Frames) -> Plane:
        """float32 of 0..1, [H, W] of a picture, [T, H, W] of a film. Raises MediaError or a usage error."""
        import numpy as np

        grey = self._picture(frames) if self.still else self._film(frames)
        grey = np.clip((grey / np.float32(255) - _NEARLY) / (1 - 2 * _NEARLY), 0, 1)
        return 1 - grey if self.turned else grey

    def _picture(self, frames: Frames) -> Plane:
        from vitascope.canvas import fit_picture
        from vitascope.media import read_picture_rgba

        picture = read_picture_rgba(self.path)
        self._check_shape((picture.shape[1], picture.shape[0]), frames)
        return grey_of(fit_picture(picture, *frames.size))

    def _film(self, frames: Frames) -> Plane:
        import numpy as np

        film = open_clip(self.path, "{}x{}".format(*frames.size), frames.rate_fps)
        self._check_shape((film.video.info.width_px, film.video.info.height_px), frames)
        pictures = film.pictures()
        if len(pictures) != frames.count:
            raise self.wrong(
                f"has {len(pictures)} frames at {float(frames.rate_fps):g} fps and the clip {frames.count}; "
                "a mask has as many as its clip, or is one picture"
            )
        return np.stack([grey_of(picture) for picture in pictures])

    def _check_shape(self, own: tuple[int, int], frames: Frames) -> None:
        width_px, height_px = frames.own_size
        ratio = own[0] * height_px / (own[1] * width_px)
        if not 1 / _SAME_SHAPE <= ratio <= _SAME_SHAPE:
            raise self.wrong(
                "is {}x{} px and what it is for {}x{}; a mask has the same shape".format(
                    *own, width_px, height_px
                )
            )

    def wrong(self, what: str) -> typer.BadParameter:
        return typer.BadParameter(f"{self.path.name} {what}", param_hint=self.option)


@dataclass(frozen=True)
class _Together:
    """All that any of some regions holds: a region, too."""

    regions: tuple[Region, ...]

    @property
    def centre(self) -> tuple[float, float]:
        return self.regions[0].centre

    def coverage(self, height_px: int, width_px: int) -> Plane:
        import numpy as np

        return np.maximum.reduce([region.coverage(height_px, width_px) for region in self.regions])


def grey_of(picture: NDArray[Any]) -> Plane:
    """A picture uint8 [H, W, 3 or 4] as float32 [H, W] in 0..255: its alpha if it has any, else its light."""
    import numpy as np

    if picture.shape[2] == 4 and (picture[..., 3] < 255).any():
        return picture[..., 3].astype(np.float32)
    return picture[..., :3].mean(axis=2, dtype=np.float32)


def alpha_of(footage: Clip) -> Plane | None:
    """How little each point of a clip is see-through: float32 [T, H, W] of 0..1; None where nothing is."""
    import numpy as np

    from vitascope.canvas import fit_picture
    from vitascope.media import read_video
    from vitascope.media.moving_pictures import is_sequence

    if not (footage.video.info.alpha or is_sequence(footage.path)):  # of a sequence a later one may be
        return None
    shown = read_video(footage.path, rate_fps=footage.rate_fps, alpha=True)
    planes = [fit_picture(picture, *footage.size_px)[..., 3].copy() for picture in shown]
    if all((plane == 255).all() for plane in planes):
        return None
    return np.stack(planes).astype(np.float32) / np.float32(255)


def read_region(text: str, option: str) -> Region | Mask:
    """The shape that a text names, or the file of a mask, not yet read."""
    from vitascope.canvas import parse_region

    match = re.match(r"\s*((?:not\s*:\s*)*)mask\s*:\s*(.+)", text, re.IGNORECASE)
    if match is None:
        with o.reading(option):
            return parse_region(text)
    return Mask(Path(match[2].strip()), match[1].lower().count("not") % 2 == 1, option)


def as_shape(region: Region | Mask, frames: Frames) -> Region:
    """The region itself, or that of a mask's picture."""
    from vitascope.canvas import MaskPicture

    if not isinstance(region, Mask):
        return region
    if not region.still and region.path.exists():
        raise region.wrong("is no picture; what a brush paints on is one")
    return MaskPicture(region.plane(frames))


def together(regions: Sequence[Region | Mask], frames: Frames) -> Region | Plane:
    """All that any of the regions holds: a region where all are shapes, or an array [H, W] or [T, H, W]."""
    import numpy as np

    shapes = tuple(region for region in regions if not isinstance(region, Mask))
    if len(shapes) == len(regions):
        return shapes[0] if len(shapes) == 1 else _Together(shapes)
    planes = [region.plane(frames) for region in regions if isinstance(region, Mask)]
    if shapes:
        planes.append(_Together(shapes).coverage(frames.size[1], frames.size[0]))
    whole = planes[0]
    for plane in planes[1:]:
        whole = np.maximum(whole, plane)
    return whole
