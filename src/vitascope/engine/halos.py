"""What lies around things that move, as it was seen where they weren't; and what of them comes from outside.

A small painter knows the thing and the place, and is unsure of the seam between them: a ring around whatever
moves is of neither, and ghosts stay where it was. The place is known from other frames, in which it was bare,
so there it is put back. And a tubelet holds what is seen in its middle: a thing that enters or leaves the
picture meanwhile ends in streaks, and is taken from a frame that shows more of it. Knows arrays, poses
(`model.bodies`) and cameras; no canvas and no network but the finder of things.

Axes: T frames, K things, H, W, C at the base size.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vitascope.engine.screen import filled, from_place, on_any, places, pose_of, taken, wider
from vitascope.model.bodies import Plane, placed, seen_on, told
from vitascope.model.finder import Finder

__all__ = ["entering", "without_halos"]

# Of a body's half sides: within the first all is the thing; up to the second its place is put back; from the
# third on the place is believed to be bare. Chosen by eye, and by what a reader reads: of 128 clips 83 to 84
# actions in 100 with these, 82 with nothing done, 79 without a core.
CORE, RING, BARE = 0.8, 1.5, 1.35
FOUND = 0.5  # of a core: where the finder sees less of the thing, it is left alone
SEEN_BARE = 2  # frames that must have shown a spot of the place
SHADOW, FOOT = 0.12, 0.7  # how far a shadow's colour may be from its ground's, in -1..1; where it begins


def without_halos(painted_THWC: Tensor, poses_TK5: Tensor, camera_T4: Tensor) -> Tensor:
    """Painted frames -1..1 with the place put back around their things; frames in which no thing is found are
    left as they are.

    poses_TK5: on the screen, at every frame. camera_T4: as `model.camera.View` has it.
    """
    place = places(*painted_THWC.shape[1:3])
    core, ring, near = (_around(place, poses_TK5, share) for share in (CORE, RING, BARE))
    if not ring.any():
        return painted_THWC
    seen = Finder.load()(painted_THWC) > 0
    thing = (seen | core) & ring
    bare = ~near & ~wider(seen, 2)
    edge = F.avg_pool2d(wider(thing, 1).float()[:, None], 3, 1, 1)[:, 0]
    found = (seen & core).flatten(1).sum(1) >= FOUND * core.flatten(1).sum(1).clamp(min=1)
    result, behind = painted_THWC.clone(), dict[bytes, tuple[Tensor, Tensor]]()
    for t in range(len(painted_THWC)):
        if not found[t]:
            continue
        camera = camera_T4[t].numpy().tobytes()
        if camera not in behind:
            behind[camera] = _place_behind(painted_THWC, bare, ring, camera_T4, t)
        ground, swept = behind[camera]
        gap = painted_THWC[t] - ground
        clear = swept & ~(_shadows(gap) & _below(place[0], poses_TK5[t]))
        share = F.avg_pool2d(clear.float()[None], 3, 1, 1)[0] * (1 - edge[t])
        result[t] = painted_THWC[t] - share[..., None] * gap
    return result


def entering(painted_THWC: Tensor, outside_THW: Tensor, poses_TK5: Tensor) -> Tensor:
    """Painted frames with the parts of things that lay outside the picture in the middle of their tubelet
    (bool) taken from the nearest frame that shows them.
    """
    T, H, W, _ = painted_THWC.shape
    place, unit = places(H, W), min(H, W)
    result = painted_THWC.clone()
    for t in range(T):
        for k in reversed(range(poses_TK5.shape[1])):
            if not told(poses_TK5[t, k]):
                continue
            missing = outside_THW[t] & on_any(place, poses_TK5[t, [k]])
            if not missing.any():
                continue
            on = seen_on(place, pose_of(poses_TK5[t, k]))
            for s in sorted(set(range(T)) - {t}, key=lambda s: abs(s - t)):
                if not missing.any():
                    break
                if not told(poses_TK5[s, k]):
                    continue
                at = placed(on, pose_of(poses_TK5[s, k]))
                hidden = taken(outside_THW[s].float()[..., None], *at)[..., 0] > 0
                there = missing & ~hidden & _inside(at, H / 2 / unit, W / 2 / unit)
                result[t] = torch.where(there[..., None], taken(painted_THWC[s], *at), result[t])
                missing = missing & ~there
    return result


def _around(place: Plane, poses_TK5: Tensor, share: float) -> Tensor:
    """Where each frame's bodies are, so much larger than they are: bool [T, H, W]."""
    return torch.stack([on_any(place, poses_K5, share) for poses_K5 in poses_TK5])


def _place_behind(
    painted_THWC: Tensor, bare_THW: Tensor, ring_THW: Tensor, camera_T4: Tensor, t: int
) -> tuple[Tensor, Tensor]:
    """The place as frame t's camera sees it, the median of all that saw it bare and else filled from around;
    and where things and their rings are at any time.
    """
    H, W = painted_THWC.shape[1:3]
    unit = min(H, W)
    came = from_place(places(H, W), camera_T4, camera_T4[t])
    known = torch.stack((bare_THW, ring_THW), -1).float()
    seen = taken(torch.cat((painted_THWC, known), -1), *came)
    sure = (seen[..., 3] > 0.99) & _inside(came, H / 2 / unit, W / 2 / unit)
    colours = torch.where(sure[..., None], seen[..., :3], torch.nan)
    median = colours.nanmedian(0).values.nan_to_num()
    return filled(median, sure.sum(0) >= SEEN_BARE), (seen[..., 4] > 0.5).any(0)


def _inside(at: Plane, half_height: float, half_width: float) -> Tensor:
    return (at[0].abs() < half_height) & (at[1].abs() < half_width)


def _shadows(gap_HWC: Tensor) -> Tensor:
    """Where the place is only darker than it was bare: a thing's shadow, which is its own."""
    darker = gap_HWC.mean(-1)
    tinted = (gap_HWC - darker[..., None]).abs().amax(-1)
    return (darker < 0) & (darker > -0.5) & (tinted < SHADOW)


def _below(row: Tensor, poses_K5: Tensor) -> Tensor:
    """Which rows are below a thing, or at its foot."""
    below = torch.zeros_like(row, dtype=torch.bool)
    for pose in poses_K5:
        if told(pose):
            below |= row > pose[1] + FOOT * pose[4].exp()
    return below
