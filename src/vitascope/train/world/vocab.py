"""What can vary in the toy world, as tuples: a scene stores indices into these.

The order is part of every trained weight's meaning, so new entries go at the end. This file does not know
how anything looks (render.py), how it moves (scene.py) or how people put it in words (captions.py).
"""

ACTIONS = (
    "stands still",
    "walks",
    "runs",
    "jumps",
    "bounces",
    "rolls",
    "slides",
    "falls",
    "flies up",
    "floats",
    "spins",
    "swings",
    "shakes",
    "grows",
    "shrinks",
    "bumps into",
)
PLACES = ("meadow", "beach", "desert", "snow", "mars", "city", "forest", "space", "underwater", "room")
DAYTIMES = ("day", "sunset", "night")
WEATHERS = ("clear", "rain", "snowfall", "fog")
CAMERAS = ("static", "pan left", "pan right", "tilt up", "tilt down", "zoom in", "zoom out", "follow")
STYLES = ("plain", "clay", "pencil sketch", "neon", "pixel art", "watercolour")

# "own" leaves a sprite its own colours; any other re-tints it clearly.
COLOURS = ("own", "red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black")
SIZES = ("small", "normal", "big")

# Between two different things: the first (the subject) stands left or right of the second.
RELATIONS = ("none", "left of", "right of")
