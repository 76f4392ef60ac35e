"""A timeline's frame at a time: the layers that can be seen, from bottom to top, in the film's own planes.

What an opaque layer hides isn't even decoded. A frame that is nothing but one clip at its own size is given
on as its decoder gave it, without a copy. Knows layers and transitions; nothing of decoders, encoders or
files.

In a transition "over" is linear: half way through a dissolve, the mean of (the one over what is below) and
(the other over what is below) is right for see-through items too. So each side is laid over a copy of what is
below, and the two frames are mixed.
"""

from __future__ import annotations

from fractions import Fraction

from av import VideoFrame

from vitascope.films.rendering.pictures import Pictures
from vitascope.films.rendering.planes import (
    Grid,
    Planes,
    Sheet,
    copied,
    fill,
    lay,
    mix,
    tint,
    tinted,
    views,
)
from vitascope.films.rendering.wiping import wipe
from vitascope.media.text_styles import rgba
from vitascope.media.timelines import CaptionTrack, Gap, Layer, Moment, Seen, Timeline, Title, Transition

_HEADINGS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}


class Compositor:
    """Puts a timeline's frames together, best one after the other."""

    def __init__(self, timeline: Timeline, grid: Grid, pictures: Pictures) -> None:
        self._timeline = timeline
        self._grid = grid
        self._pictures = pictures
        red, green, blue, _ = rgba(timeline.ground)
        self._ground = grid.coloured(red, green, blue)

    def frame(self, number: int) -> VideoFrame:
        """Frame `number` of the film, in the grid's format; to be read, not drawn on."""
        moment = self._timeline.at(number / self._timeline.rate_fps)
        layers = self._seen(moment)
        frame = self._plain(layers, moment) or self._composed(layers, moment)
        self._pictures.next_frame()
        return frame

    def _seen(self, moment: Moment) -> tuple[Layer, ...]:
        """The layers from the topmost opaque one on."""
        for count in range(len(moment.layers) - 1, 0, -1):
            layer = moment.layers[count]
            if layer.transition is None and layer.seen and self._pictures.covers(layer.seen.item):
                return moment.layers[count:]
        return moment.layers

    def _plain(self, layers: tuple[Layer, ...], moment: Moment) -> VideoFrame | None:
        """The one clip's own frame, if that is all there is to see."""
        if len(layers) != 1 or moment.captions or layers[0].transition or layers[0].seen is None:
            return None
        return self._pictures.sheet(_owner(layers[0], layers[0].seen), layers[0].seen)[1]

    def _composed(self, layers: tuple[Layer, ...], moment: Moment) -> VideoFrame:
        frame = self._grid.blank()
        below = views(frame)
        fill(below, self._ground)
        for layer in layers:
            self._add(below, layer)
        for number, cues in moment.captions:
            track = self._timeline.tracks[number]
            if isinstance(track, CaptionTrack):
                for sheet in self._pictures.captions(cues, track.style, track.language):
                    lay(below, sheet, self._grid)
        return frame

    def _add(self, below: Planes, layer: Layer) -> None:
        """Lay what a track shows over what is there."""
        goes, comes = self._sheet(layer, layer.seen), self._sheet(layer, layer.into)
        cut = layer.transition
        if cut is None:
            if goes:
                lay(below, goes, self._grid)
            return
        share = float(layer.progress)
        if cut.kind == "fade":
            self._fade(below, goes, comes, layer, cut)
        elif cut.kind == "push":
            self._push(below, goes, comes, cut, layer.progress)
        else:
            before, after = copied(below), copied(below)
            if goes:
                lay(before, goes, self._grid)
            if comes:
                lay(after, comes, self._grid)
            if cut.kind == "dissolve":
                mix(before, after, share, below)
            else:
                wipe(before, after, below, share, cut, self._grid)

    def _fade(
        self, below: Planes, goes: Sheet | None, comes: Sheet | None, layer: Layer, cut: Transition
    ) -> None:
        """One side of a fade, on its way to the colour or back; beside nothing it has all the time.

        What has the whole frame turns all of it, the bars too; a smaller picture or a text only itself.
        """
        red, green, blue, _ = rgba(cut.colour)
        colour, share = self._grid.coloured(red, green, blue), float(layer.progress)
        first = share < 0.5 if layer.seen and layer.into else layer.into is None
        sheet, seen = (goes, layer.seen) if first else (comes, layer.into)
        towards = share if first else 1 - share
        towards = 2 * towards if layer.seen and layer.into else towards
        if sheet is None or seen is None:
            return
        if _has_frame(seen):
            lay(below, sheet, self._grid)
            tint(below, colour, towards)
        else:
            lay(below, tinted(sheet, colour, towards, self._grid), self._grid)

    def _push(
        self, below: Planes, goes: Sheet | None, comes: Sheet | None, cut: Transition, progress: Fraction
    ) -> None:
        across, down = _HEADINGS[cut.heading]
        right = self._grid.snapped(float(progress * self._grid.width_px)) * across
        lower = self._grid.snapped(float(progress * self._grid.height_px)) * down
        if goes:
            lay(below, goes.moved(right, lower), self._grid)
        if comes:
            back = -across * self._grid.width_px, -down * self._grid.height_px
            lay(below, comes.moved(right + back[0], lower + back[1]), self._grid)

    def _sheet(self, layer: Layer, seen: Seen | None) -> Sheet | None:
        return None if seen is None else self._pictures.sheet(_owner(layer, seen), seen)[0]


def _has_frame(seen: Seen) -> bool:
    """Whether the whole frame is an item's box, and it is a picture."""
    return not isinstance(seen.item, Title | Gap) and seen.item.look.whole_frame


def _owner(layer: Layer, seen: Seen) -> object:
    return layer.track, seen.index
