"""How things move: closed forms of gravity, restitution, rolling, friction, pendulums and collisions.

Everything is a function of time, so any moment of a scene can be asked for on its own. Does not know how
time goes (clock.py) nor what things look like, beyond how wide and tall they are, nor where they are.

Axes: B scenes, T frames, K things. Lengths in frame heights, x right, y down, times in seconds, angles in
radians (clockwise on the screen). The middle of the frame is (0, 0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vitascope.train.world.clock import Clock
from vitascope.train.world.scene import ACTION, K, Scenes

GROUND_Y = 0.33  # where the nearest thing's feet are
GRAVITY = 3.2  # frame heights per second squared: toys fall slowly enough to be seen
PIVOT_Y = -0.62  # where a swing hangs


@dataclass
class Motion:
    """Where things are: each [B, T, K]; size is the side of a sprite's square, stretch is width / height."""

    x: Tensor
    y: Tensor  # of the centre
    angle: Tensor
    size: Tensor
    stretch: Tensor
    facing: Tensor  # -1 = left, +1 = right, in between while it turns round
    feet_y: Tensor  # [B, 1, K], the ground below
    hung: Tensor  # bool [B, 1, K], on a rope


@dataclass
class Layout:
    """What does not change in a scene: each [B, K]."""

    home_x: Tensor
    feet_y: Tensor
    size: Tensor
    half_height: Tensor
    half_width: Tensor
    reach: Tensor  # how much of an action's usual way there is room for


def layout(scenes: Scenes, aspect_BK: Tensor) -> Layout:
    """Where everything stands at first; aspect is width / height of a thing."""
    noise = scenes.noise_BP
    many = (scenes.things_BK >= 0).sum(1)[:, None].float()
    one = many == 1
    scale = torch.tensor([0.68, 1.0, 1.36], device=noise.device)[scenes.size_B][:, None]
    slots = torch.arange(K, device=noise.device)[None].float()

    alone_size = 0.46 + 0.09 * noise[:, 0:1]
    crowd_size = (0.17 + 0.38 / many.clamp(min=1)) * (0.92 + 0.16 * noise[:, 1 : 1 + K])
    size = torch.where(one, alone_size.expand_as(crowd_size), crowd_size)
    # There is less room for big and small in company, and of two different things it is said of the first.
    said_of = (scenes.count_B[:, None] > 1) | (slots == 0)
    size = size * torch.where(one, scale, torch.where(said_of, scale.clamp(0.74, 1.2), 1.0))

    # A crowd shares the frame's width in slots, shuffled by turning; a pair's order is its relation.
    turn = (slots + (noise[:, 6:7] * many).floor()) % many
    pair = scenes.relation_B[:, None] > 0
    right = (scenes.relation_B[:, None] == 2).float()
    turn = torch.where(pair, (slots + right) % 2, turn)
    spread = torch.where(many > 3, 0.98, 0.9)
    jitter = (noise[:, 7 : 7 + K] - 0.5) * 0.04
    crowd_x = ((turn + 0.5) / many - 0.5) * spread + jitter
    home_x = torch.where(one, (noise[:, 7:8] - 0.5) * 0.12, crowd_x)
    # Nearer things stand lower; the first is nearest.
    feet_y = GROUND_Y + 0.04 * torch.where(one, noise[:, 12:13] - 0.3, 0.5 - slots * 0.45)
    feet_y = feet_y + (size * 0.5 - 0.27).clamp(min=0) * 0.7
    wide = aspect_BK.clamp(max=1.0)
    tall = (1 / aspect_BK).clamp(max=1.0)
    # A crowd goes together, but one of a pair must not run into the other.
    reach = torch.where(one, 1.0, torch.where(pair, 0.38, 0.5)).expand_as(size)
    return Layout(home_x, feet_y, size, size * tall / 2, size * wide / 2, reach)


def _bounces(t: Tensor, height: Tensor, restitution: float) -> tuple[Tensor, Tensor]:
    """Height above the ground of a ball dropped from `height`, and how long ago it touched the ground.

    Each hop lasts restitution times the one before; the k-th hop begins at a partial geometric sum.
    """
    fall = torch.sqrt(2 * height / GRAVITY)
    up = height - 0.5 * GRAVITY * t**2
    ago = torch.full_like(t, 9.0)
    start, hop = fall, 2 * fall * restitution
    for _ in range(5):
        s = t - start
        arc = 0.5 * GRAVITY * s * (hop - s)
        inside = s >= 0
        up, ago = torch.where(inside, arc, up), torch.where(inside, s, ago)
        start, hop = start + hop, hop * restitution
    return torch.where(t >= start, 0.0, up).clamp(min=0), torch.where(t >= start, 9.0, ago)


def _squash(ago: Tensor, depth: float) -> Tensor:
    """Width over height shortly after a landing, 1 soon again."""
    return 1 + depth * torch.exp(-ago / 0.09) * (ago >= 0)


@dataclass
class _Stage:
    """What an action may use: all broadcast to [b, T, K].

    What repeats counts turns of the clock; whatever happens once is a function of t.
    """

    clock: Clock
    t: Tensor
    d: Tensor  # direction, -1 or 1
    look: Tensor  # where one who walks there and back looks
    p: Tensor  # phase in 0..1, own for each thing
    v: Tensor  # liveliness, about 1
    low: Tensor  # half height
    wide: Tensor  # half width
    reach: Tensor


@dataclass
class _Move:
    """What an action does, relative to standing at home: each broadcastable to [b, T, K]."""

    dx: Tensor | float = 0.0
    up: Tensor | float = 0.0  # above the ground
    angle: Tensor | float = 0.0
    scale: Tensor | float = 1.0
    stretch: Tensor | float = 1.0


def _stands(s: _Stage) -> _Move:
    return _Move(stretch=1 + 0.012 * torch.sin(2 * math.pi * s.clock.turns(3.0 / (2 * math.pi)) + 6.3 * s.p))


def _walks(s: _Stage) -> _Move:
    step = torch.sin(math.pi * (2.0 * s.t + s.p))
    return _Move(dx=s.d * s.reach * 0.3 * s.v * (s.t - 1), up=0.025 * step.abs(), angle=0.09 * step)


def _runs(s: _Stage) -> _Move:
    step = torch.sin(math.pi * (3.1 * s.t + s.p))
    x = s.d * s.reach * 0.56 * s.v * (s.t - 1)
    return _Move(
        dx=x, up=0.075 * step.abs(), angle=s.look * (0.2 + 0.06 * step), stretch=1 + 0.1 * step.abs()
    )


def _jumps(s: _Stage) -> _Move:
    period = 0.95 + 0.1 * s.p
    phase = (s.clock.turns(1 / period) + 0.4 * s.p / period) % 1.0
    air = ((phase - 0.22) / 0.6).clamp(0, 1)
    height = 0.30 * s.v
    crouch = torch.exp(-(((phase - 0.1) / 0.08) ** 2)) + torch.exp(-(((phase - 0.92) / 0.07) ** 2))
    x = s.d * s.reach * 0.12 * (s.t - 1)
    return _Move(
        dx=x, up=4 * height * air * (1 - air), stretch=1 + 0.3 * crouch - 0.12 * (4 * air * (1 - air))
    )


def _bounces_along(s: _Stage) -> _Move:
    up, ago = _bounces(s.t + 0.15 * s.p, (0.3 + 0.4 * (0.5 - s.low)) * s.v + 0 * s.t, 0.8)
    x = s.d * s.reach * 0.24 * (s.t - 1)
    return _Move(dx=x, up=up, stretch=_squash(ago, 0.45), angle=s.d * 0.12 * (s.t - 1))


def _rolls(s: _Stage) -> _Move:
    # A little friction: v decays slowly; the angle is the way over the radius (no slipping).
    gone = 0.50 * s.v * (s.t - 0.09 * s.t**2)
    x = s.d * s.reach * (gone - 0.42)
    radius = (s.low + s.wide) / 2
    return _Move(dx=x, angle=s.d * gone * s.reach / radius)


def _slides(s: _Stage) -> _Move:
    stop = 1.5 + 0.3 * s.p
    u = (s.t / stop).clamp(0, 1)
    x = s.d * s.reach * (0.85 * s.v * (u * (2 - u)) - 0.5)
    return _Move(dx=x, angle=-s.d * 0.16 * (1 - u), stretch=1 + 0.12 * (1 - u))


def _falls(s: _Stage) -> _Move:
    # From the top edge, at half speed, so that four or five of sixteen frames show it on its way.
    slow = 0.55
    t = (s.t - 0.2 * s.p).clamp(min=0) * slow
    height = 0.38 + s.low + 0.0 * s.t
    up, ago = _bounces(t, height, 0.3)
    tumble = (1 - t / torch.sqrt(2 * height / GRAVITY)).clamp(0, 1)
    return _Move(up=up, angle=s.d * 1.0 * tumble, stretch=_squash(ago / slow, 0.4) - 0.08 * tumble)


def _flies(s: _Stage) -> _Move:
    t = (s.t - 0.25 - 0.2 * s.p).clamp(min=0)
    up = 0.31 * s.v * t**2 + 0.05 * t
    return _Move(
        dx=s.d * s.reach * 0.1 * t, up=up, angle=0.05 * torch.sin(9 * s.t), stretch=1 - 0.08 * t.clamp(max=1)
    )


def _floats(s: _Stage) -> _Move:
    w = 2 * math.pi * (s.clock.turns(0.5) + s.p)
    slow = 2 * math.pi * (s.clock.turns(0.25) + 0.5 * s.p)
    return _Move(
        dx=s.reach * 0.09 * torch.sin(slow + 2 * s.p),
        up=0.2 + 0.085 * torch.sin(w),
        angle=0.14 * torch.sin(w + 1.2),
    )


def _spins(s: _Stage) -> _Move:
    return _Move(
        angle=s.d * 2 * math.pi * (s.clock.turns(0.62 * s.v) + s.p), up=(s.wide - s.low).clamp(min=0)
    )


def _shakes(s: _Stage) -> _Move:
    w = 2 * math.pi * (s.clock.turns(3.3) + s.p)
    return _Move(dx=0.04 * torch.sin(w), angle=0.13 * torch.sin(w + 0.8))


def _grows(s: _Stage) -> _Move:
    u = (s.t / 1.8).clamp(0, 1)
    u = u * u * (3 - 2 * u)
    return _Move(scale=0.42 + (0.83 * u))


def _shrinks(s: _Stage) -> _Move:
    u = (s.t / 1.8).clamp(0, 1)
    u = u * u * (3 - 2 * u)
    return _Move(scale=1.25 - 0.83 * u)


_MOVES = {
    "stands still": _stands,
    "walks": _walks,
    "runs": _runs,
    "jumps": _jumps,
    "bounces": _bounces_along,
    "rolls": _rolls,
    "slides": _slides,
    "falls": _falls,
    "flies up": _flies,
    "floats": _floats,
    "spins": _spins,
    "shakes": _shakes,
    "grows": _grows,
    "shrinks": _shrinks,
}


_WALKERS = ("walks", "runs")  # they turn round on their way there and back; anything else goes backwards


def move(scenes: Scenes, clock: Clock, aspect_BK: Tensor) -> Motion:
    """Where every thing of every scene is at the clock's times."""
    place = layout(scenes, aspect_BK)
    t_BT = clock.told_BT
    (B, T), k = t_BT.shape, K
    like = t_BT.new_zeros(B, T, k)
    moved = {name: like.clone() for name in ("dx", "up", "angle")}
    moved |= {name: torch.ones_like(like) for name in ("scale", "stretch")}
    direction = scenes.direction_B[:, None, None].float()
    facing = _facing(scenes, clock) + like
    noise = scenes.noise_BP
    for name, act in _MOVES.items():
        rows = (scenes.action_B == ACTION[name]).nonzero()[:, 0]
        if len(rows) == 0:
            continue
        grid = torch.zeros_like(like[rows])
        stage = _Stage(
            clock=clock[rows],
            t=t_BT[rows][:, :, None] + grid,
            d=direction[rows],
            look=facing[rows],
            p=noise[rows, None, 13 : 13 + k],
            v=0.9 + 0.2 * noise[rows, None, 18:19],
            low=place.half_height[rows, None],
            wide=place.half_width[rows, None],
            reach=place.reach[rows, None],
        )
        done = act(stage)
        for key, into in moved.items():
            into[rows] = grid + getattr(done, key)
    # The second of a pair looks on.
    bystander = (scenes.relation_B > 0)[:, None, None] & (torch.arange(k, device=like.device) == 1)
    for key, still in (("dx", 0.0), ("up", 0.0), ("angle", 0.0), ("scale", 1.0), ("stretch", 1.0)):
        moved[key] = torch.where(bystander, still, moved[key])
    facing = torch.where(bystander, direction, facing)

    size = place.size[:, None] * moved["scale"]
    half = place.half_height[:, None] * moved["scale"] * moved["stretch"].clamp(0.6, 1.6) ** -0.5
    motion = Motion(
        x=place.home_x[:, None] + moved["dx"],
        y=place.feet_y[:, None] - half - moved["up"],
        angle=moved["angle"],
        size=size,
        stretch=moved["stretch"],
        facing=facing,
        feet_y=place.feet_y[:, None],
        hung=torch.zeros(B, 1, k, dtype=torch.bool, device=like.device),
    )
    _swing(scenes, clock, place, motion)
    _bump(scenes, t_BT, place, motion)
    return motion


def _facing(scenes: Scenes, clock: Clock) -> Tensor:
    """Which way things look [B, T or 1, 1]."""
    direction = scenes.direction_B[:, None, None].float()
    heading = clock.heading_BT
    if heading is None:
        return direction
    walkers = torch.tensor([ACTION[name] for name in _WALKERS], device=direction.device)
    walks = torch.isin(scenes.action_B, walkers)[:, None, None]
    return direction * torch.where(walks, heading[..., None], 1.0)


def _swing(scenes: Scenes, clock: Clock, place: Layout, motion: Motion) -> None:
    """Hangs what swings on a rope: a pendulum of small amplitude."""
    slots = torch.arange(K, device=scenes.action_B.device)
    rows = (scenes.action_B == ACTION["swings"]).nonzero()[:, 0]
    if len(rows) == 0:
        return
    phase = scenes.noise_BP[rows, None, 13:14] + 0.06 * slots
    amplitude = (0.42 * (0.85 + 0.3 * scenes.noise_BP[rows, 18]))[:, None, None] * place.reach[
        rows, None
    ] ** 0.5
    angle = amplitude * torch.sin(2 * math.pi * (clock[rows].turns(0.62) + phase))
    rope = (0.08 - PIVOT_Y) - 0.15 * (place.size[rows, None] - 0.4)
    hangs = (scenes.relation_B[rows, None, None] == 0) | (slots == 0)
    home = place.home_x[rows, None]
    motion.x[rows] = torch.where(hangs, home - rope * torch.sin(angle), motion.x[rows])
    motion.y[rows] = torch.where(hangs, PIVOT_Y + rope * torch.cos(angle), motion.y[rows])
    motion.angle[rows] = torch.where(hangs, angle, motion.angle[rows])
    motion.hung[rows] = hangs


def _bump(scenes: Scenes, t_BT: Tensor, place: Layout, motion: Motion) -> None:
    """Runs the first thing into the second: a collision on a line, with restitution, then friction."""
    rows = (scenes.action_B == ACTION["bumps into"]).nonzero()[:, 0]
    if len(rows) == 0:
        return
    t, d = t_BT[rows], scenes.direction_B[rows, None].float()
    noise = scenes.noise_BP[rows]
    heavy = 2.0 ** (2.4 * noise[:, 19:20] - 1.2)  # the second's mass over the first's
    restitution, speed = 0.75, 0.55
    touch = 0.86 * (place.half_width[rows, 0] + place.half_width[rows, 1])[:, None]
    meet_s = 0.6 + 0.2 * noise[:, 13:14]
    stands = touch * 0.5  # where the second waits, towards the direction
    after = (t - meet_s).clamp(min=0)
    glide = (1 - torch.exp(-2.0 * after)) / 2.0  # friction: the speed decays
    first_v = speed * (1 - heavy * restitution) / (1 + heavy)
    second_v = speed * (1 + restitution) / (1 + heavy)
    before = (t - meet_s).clamp(max=0)
    first = stands - touch + speed * before + first_v * glide
    second = stands + second_v * glide
    shock = torch.exp(-5 * after) * torch.sin(14 * after) * (after > 0)
    step = torch.sin(2 * math.pi * 1.5 * t).abs() * (before < 0)
    motion.x[rows, :, 0], motion.x[rows, :, 1] = d * first, d * second
    motion.y[rows, :, 0] -= 0.04 * step
    motion.angle[rows, :, 0] = -0.35 * d * shock
    motion.angle[rows, :, 1] = 0.5 * d * shock
    squeeze = torch.exp(-((t - meet_s) ** 2) / 0.01)
    motion.stretch[rows, :, 0] = 1 - 0.2 * squeeze
    motion.stretch[rows, :, 1] = 1 - 0.2 * squeeze
    motion.facing[rows, :, 1] = -motion.facing[rows, :, 1]
