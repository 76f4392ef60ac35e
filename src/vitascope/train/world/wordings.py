"""The wordings that captions are made of: for every value of vocab.py, the ways in which people say it.

Every bank has two parts: `train` wordings may stand in any caption, `kept` ones only in held-out captions, so
that a model can be asked in words that it never saw. Verbs stand in their base form ("get bigger") and are
inflected here. This file knows no scenes and no grammar but its verbs'; captions.py puts sentences together.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Bank:
    """Ways to say one thing: for all captions, and those kept for held-out ones."""

    train: tuple[str, ...]
    kept: tuple[str, ...] = ()


def bank(train: str, kept: str = "") -> Bank:
    """A bank from two lists, separated by bars."""
    return Bank(_listed(train), _listed(kept))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split("|") if word.strip())


def third(verb: str) -> str:
    """The form after he, she or it: "get bigger" -> "gets bigger", "not move" -> "does not move"."""
    word, space, rest = verb.partition(" ")
    if word in ("not", "be"):
        return f"{'does not' if word == 'not' else 'is'} {rest}"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies" + space + rest
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh", "go", "do")) else "s") + space + rest


def plain(verb: str) -> str:
    """The form after they: "get bigger", "do not move"."""
    return f"do {verb}" if verb.startswith("not ") else re.sub("^be ", "are ", verb)


def ing(verb: str) -> str:
    """The participle: "get bigger" -> "getting bigger", "not move" -> "not moving"."""
    word, space, rest = verb.partition(" ")
    if word == "not":
        return f"not {ing(rest)}"
    if word.endswith("e") and word != "be" and not word.endswith("ee"):
        word = word[:-1]
    elif re.fullmatch(r"[^aeiou]*[aeiou][bdgmnpt]|travel", word):
        word += word[-1]
    return word + "ing" + space + rest


# ---- what happens ----------------------------------------------------------------------------------------

ACTION = {
    "stands still": bank(
        "stand still|stand|stay still|not move|stay in place|rest|freeze|do nothing|pause|not budge"
        "|be at rest|be still|linger|not move a bit|stand there|loiter|idle|lounge|pose|wait around"
        "|sit there|stay rooted to the spot|halt|stall|laze",
        "remain motionless|keep still",
    ),
    "walks": bank(
        "walk|stroll|wander|march|go for a walk|walk along|move slowly|stride|pace|trudge|plod|toddle"
        "|roam|shuffle along|step along|go along slowly|tread|hike|ramble along|meander|promenade|traipse"
        "|lumber|waddle|sashay|potter about|strut|prowl|creep|mosey along|limp|totter",
        "amble|saunter",
    ),
    "runs": bank(
        "run|race|dash|sprint|rush|run along|run fast|move fast|gallop|bolt|jog|charge along|hasten"
        "|scamper|tear along|go at full speed|run quickly|flee|whizz along|be in a rush|scoot|zip along"
        "|scuttle|careen|stampede|canter|trot|hurtle along|whoosh past|streak along|make a dash",
        "hurry|scurry",
    ),
    "jumps": bank(
        "jump|hop|leap|jump along|make a jump|jump up high|bound|skip|take a leap|pounce|hop up|leap up"
        "|jump over something|jump for joy|leap over a hurdle|hop along|do a high jump|cavort|prance"
        "|frolic|leapfrog|hurdle|caper|gambol|jump rope|bunny-hop",
        "spring into the air|vault",
    ),
    "bounces": bank(
        "bounce|bounce up and down|bounce along|bounce again and again|ricochet|bob up and down|dribble"
        "|bounce off the ground|bounce on a trampoline|keep bouncing|bounce around|go boing|bounce back"
        "|bounce high|bobble|bounce from the floor|boing up and down|jounce up and down|pogo",
        "bounce like a rubber ball|rebound",
    ),
    "rolls": bank(
        "roll|roll along|roll over and over|roll over the ground|tumble along|roll on|wheel along"
        "|roll away|turn over and over along the ground|roll like a ball|roll on wheels|bowl along"
        "|do somersaults|tumble head over heels|cartwheel|barrel along|trolley along"
        "|roll across the floor|somersault along|roll downhill",
        "go rolling|trundle",
    ),
    "slides": bank(
        "slide|glide|slide along|skid|slip along|coast along|skim along|slide over ice"
        "|glide smoothly over the ground|slide on|sled along|ski|slip over the ground"
        "|skim over the ground|slip over the ground|toboggan|slalom|aquaplane|skitter|slide on its belly"
        "|glissade|skate|slip-slide",
        "slither along|skate along",
    ),
    "falls": bank(
        "fall|fall down|drop|drop down|fall to the ground|fall from above|tumble down|come down"
        "|topple down|fall out of the sky|crash down|descend|sink to the ground|crash to the ground"
        "|nosedive|fall from a height|come crashing down|plop down|collapse|keel over|dive down"
        "|drop like a stone|hurtle down|cascade down|tumble",
        "plummet|plunge down",
    ),
    "flies up": bank(
        "fly up|fly away|take off|rise|soar|rise into the air|fly upwards|climb into the sky|go up"
        "|fly off|shoot up into the sky|launch|rocket upwards|take to the air|fly into the sky|blast off"
        "|rise up|mount into the air|go up into the air|skyrocket|soar upwards|zoom upwards|surge upwards"
        "|flutter up|be airborne|catapult upwards",
        "ascend|lift off",
    ),
    "floats": bank(
        "float|hover|drift|float in the air|hang in the air|float around|drift around|float about"
        "|be weightless|bob in the air|drift through the air|be suspended in mid-air|hover in mid-air"
        "|float in zero gravity|float gently|drift like a balloon|drift on the breeze|be buoyant"
        "|hang weightlessly|swim through the air|bob about|hover gently|linger in the air",
        "levitate|waft about",
    ),
    "spins": bank(
        "spin|spin around|rotate|turn around and around|twirl|turn in circles|revolve|swivel|gyrate"
        "|go round and round|turn on the spot|turn like a top|spin like a top|spin on its axis"
        "|turn around|do a spin|keep turning|pivot|swirl|wheel around|spiral|reel around"
        "|rotate on the spot",
        "whirl|pirouette",
    ),
    "swings": bank(
        "swing|swing back and forth|sway|swing from side to side|sway to and fro|swing like a pendulum"
        "|hang swaying|hang from a rope|hang on a string|oscillate|sway from side to side|be on a swing"
        "|hang swinging|lean from side to side|sway in the wind|seesaw|undulate|pendulate"
        "|wag from side to side|hang loosely|flap about",
        "dangle|rock to and fro",
    ),
    "shakes": bank(
        "shake|tremble|wobble|shiver|vibrate|wiggle|shudder|quake|judder|twitch|jiggle|rattle"
        "|shake all over|tremble with cold|shiver with fear|buzz|fidget|jolt|quaver|convulse|shimmy|jerk"
        "|tremor|throb|shake like a leaf|twitter|flutter",
        "quiver|jitter",
    ),
    "grows": bank(
        "grow|get bigger|become larger|grow bigger|expand|get larger|enlarge|inflate"
        "|blow up like a balloon|become huge|balloon|puff up|become gigantic|get huge|grow larger"
        "|get bigger and bigger|burgeon|dilate|widen|bulge|distend|mushroom|magnify|sprout|fatten",
        "swell up|increase in size",
    ),
    "shrinks": bank(
        "shrink|get smaller|become smaller|become tiny|grow smaller|get tiny|diminish|contract|deflate"
        "|shrivel|become little|get smaller and smaller|wither away|shrink away|shrink to nothing|wane"
        "|compress|shrivel up|ebb away|recede|dwarf|miniaturise|lessen|slim down",
        "dwindle|decrease in size",
    ),
    "bumps into": bank(
        "bump into|crash into|collide with|hit|knock into|run into|strike|bang into|slam into"
        "|knock against|push against|bounce off|clash with|drive into|run up against|stumble into"
        "|barge into|plough into|butt|jostle|wallop|whack|smack into|thump into|nudge|shove|clobber",
        "smash into|ram",
    ),
}

# What else people say of some kinds of things; (kind, action).
ACTION_OF_KIND = {
    ("vehicle", "walks"): ("drive", "drive slowly", "drive along"),
    ("vehicle", "runs"): ("drive fast", "speed along", "race along"),
    ("boat", "walks"): ("sail", "sail along"),
    ("boat", "runs"): ("sail fast", "speed along"),
    ("aircraft", "walks"): ("fly slowly", "fly along"),
    ("aircraft", "runs"): ("fly fast", "speed along"),
    ("bird", "flies up"): ("take flight", "take wing"),
    ("animal", "stands still"): ("stand there", "wait"),
    ("bird", "stands still"): ("stand there", "wait"),
    ("swimmer", "walks"): ("swim", "swim along", "swim slowly"),
    ("swimmer", "runs"): ("swim fast", "dart along"),
}

# "left" and "right" are put in for {d}, and the opposite for {o}.
DIRECTION = bank(
    "to the {d}|to the {d}|{d}|towards the {d}|{d}wards|from {o} to {d}|from the {o} to the {d}",
    "to the {d}-hand side|towards the {d} edge|in the direction of the {d} side",
)
# A fox that bumps into something moves that way; "bumps into a cake to the left" would say where the cake is.
DIRECTION_OF_BUMP = bank(
    "while moving to the {d}|while moving {d}|coming from the {o}|moving to the {d}|from the {o}",
    "on its way to the {d}|approaching from the {o}",
)
SPIN = {
    "left": bank("anticlockwise|counterclockwise|counter-clockwise", "against the clock"),
    "right": bank("clockwise", "with the clock"),
}
# Of a thing that stays where it is, the direction is where it looks.
FACING = bank(
    "facing {d}|facing the {d}|looking {d}|looking to the {d}", "turned to the {d}|gazing towards the {d}"
)
RELATION = bank(
    "{a} to the {d} of {b}|{a} to the {d} of {b}|{a} on the {d} of {b}|{a} {d} of {b}"
    "|{a} on the {d} side of {b}",
    "{a} with {b} on the {o}|{a} whose neighbour on the {o} is {b}",
)

# ---- where and when --------------------------------------------------------------------------------------

WHERE = {
    "meadow": bank(
        "in a meadow|in the meadow|on the grass|in a green field|on a meadow|on green grass",
        "in a pasture|on a lawn",
    ),
    "beach": bank(
        "on the beach|on a beach|by the sea|at the seaside|on a sandy beach|on the sand by the sea",
        "on the shore|at the coast",
    ),
    "desert": bank(
        "in the desert|in a desert|among sand dunes|in a hot desert|on desert sand",
        "in the Sahara|in the dunes",
    ),
    "snow": bank(
        "in the snow|on the snow|in a snowy landscape|on a snowy field|in a winter landscape",
        "in a wintry land|on snow-covered ground",
    ),
    "mars": bank(
        "on Mars|on the red planet|on the planet Mars|on the surface of Mars",
        "on Martian soil|on the Martian surface",
    ),
    "city": bank(
        "in the city|in a city|in town|in a street|in a city street|in front of tall buildings",
        "downtown|in front of skyscrapers",
    ),
    "forest": bank(
        "in the forest|in a forest|in the woods|among the trees|in a wood",
        "in a woodland|between the tree trunks",
    ),
    "space": bank("in space|in outer space|among the stars|out in space", "in the cosmos|in the universe"),
    "underwater": bank(
        "underwater|under the water|under the sea|at the bottom of the sea|in the deep sea",
        "beneath the waves|on the ocean floor",
    ),
    "room": bank(
        "in a room|in the room|indoors|inside a room|in a living room", "inside a house|at home, in a room"
    ),
}
ABOVE = {
    "meadow": bank("over a meadow|above the grass|over a green field", "above a pasture"),
    "beach": bank("over the beach|above the beach|above the sand", "over the shore"),
    "desert": bank("over the desert|above the desert|above the dunes", "over the Sahara"),
    "snow": bank("over the snow|above a snowy landscape|over a snowy field", "above snow-covered ground"),
    "mars": bank("over Mars|above the surface of Mars|above the red planet", "over Martian soil"),
    "city": bank("over the city|above a city street|above the street", "over downtown"),
    "forest": bank("over the forest|above the forest|over the woods", "above a woodland"),
}
SCENE = {
    "meadow": bank("a meadow|a green meadow|a grassy field|grass", "a pasture|a lawn"),
    "beach": bank("a beach|the beach|a sandy beach|the seaside", "the shore|the coast"),
    "desert": bank("a desert|the desert|a sandy desert|sand dunes", "the Sahara|the dunes"),
    "snow": bank(
        "snow|a snowy landscape|a snowy field|a winter landscape", "a wintry land|snow-covered ground"
    ),
    "mars": bank(
        "Mars|the planet Mars|the red planet|the surface of Mars", "a Martian landscape|Martian soil"
    ),
    "city": bank("a city|the city|a city street|a town", "downtown|a skyline"),
    "forest": bank("a forest|the forest|the woods|a wood", "a woodland|tree trunks"),
    "space": bank("space|outer space|the starry space", "the cosmos|the universe"),
    "underwater": bank(
        "an underwater scene|the deep sea|the bottom of the sea|the sea", "the ocean floor|an undersea world"
    ),
    "room": bank(
        "a room|a living room|an indoor scene|the inside of a room", "the inside of a house|a parlour"
    ),
}
DAYTIME = {
    "day": bank("during the day|by day|in daylight|in the daytime", "at noon|in broad daylight"),
    "sunset": bank(
        "at sunset|at sunset|at dusk|in the evening|in the evening light|as the sun sets",
        "at sundown|in the twilight",
    ),
    "night": bank(
        "at night|at night|in the dark|by night|under a night sky|in the moonlight",
        "when it is dark|in the middle of the night",
    ),
}
WEATHER = {
    "clear": bank("in clear weather|under a clear sky|in good weather", "in fine weather"),
    "rain": bank(
        "in the rain|in the rain|while it rains|in rainy weather|in pouring rain|with rain falling",
        "in a downpour|as raindrops fall",
    ),
    "snowfall": bank(
        "while it snows|in falling snow|with snow falling|as snow falls|in a snowfall",
        "in a flurry of snowflakes|in a snowstorm",
    ),
    "fog": bank("in the fog|in fog|in thick fog|in the mist|in foggy weather", "in a haze|shrouded in mist"),
}
DAYTIME_TAG = {
    "day": bank("day|daytime", "noon"),
    "sunset": bank("sunset|evening|dusk", "sundown"),
    "night": bank("night|night-time|dark", "darkness"),
}
WEATHER_TAG = {
    "clear": bank("clear sky|good weather", "fine weather"),
    "rain": bank("rain|rainy|raining", "downpour"),
    "snowfall": bank("snowfall|snowing|falling snow", "snowflakes"),
    "fog": bank("fog|foggy|mist", "haze"),
}

# ---- what it looks like ----------------------------------------------------------------------------------

COLOUR = {
    "red": bank("red|red|bright red", "scarlet|crimson"),
    "orange": bank("orange|orange|bright orange", "orange-coloured|amber"),
    "yellow": bank("yellow|yellow|bright yellow", "lemon-yellow|canary-yellow"),
    "green": bank("green|green|bright green", "emerald-green|grass-green"),
    "blue": bank("blue|blue|bright blue", "azure|sky-blue"),
    "purple": bank("purple|purple|violet", "mauve|lilac"),
    "pink": bank("pink|pink|bright pink", "rose-coloured|salmon-pink"),
    "white": bank("white|white|snow-white", "ivory|chalk-white"),
    "black": bank("black|black|jet-black", "ebony|coal-black"),
}
SIZE = {
    "small": bank("small|small|little|tiny", "miniature|teeny"),
    "normal": bank("medium-sized|normal-sized", "average-sized"),
    "big": bank("big|big|large|huge|giant", "enormous|gigantic"),
}
STYLE = {
    "plain": bank("in plain 3D|as a 3D cartoon|in cartoon style", "as a 3D animation"),
    "clay": bank(
        "as clay|in clay|made of clay|in a claymation look|as a clay animation|clay style|as claymation",
        "moulded from plasticine|as modelling clay",
    ),
    "pencil sketch": bank(
        "as a pencil sketch|drawn in pencil|as a pencil drawing|sketched with a pencil|pencil sketch style"
        "|in pencil",
        "hand-drawn in graphite|as a drawing on paper",
    ),
    "neon": bank(
        "in neon|in neon colours|as neon lights|in a neon look|neon style|glowing in neon",
        "in fluorescent tubes|in glowing cyberpunk colours",
    ),
    "pixel art": bank(
        "as pixel art|in pixel art|in a pixel-art look|pixel art style|as 8-bit pixel art"
        "|like an old video game",
        "made of chunky pixels|as in a retro console game",
    ),
    "watercolour": bank(
        "as a watercolour|in watercolour|painted in watercolours|as a watercolour painting|watercolour style"
        "|as a watercolor",
        "as an aquarelle|in soft washes of paint",
    ),
}
STYLE_OF = {
    "plain": bank("a 3D cartoon", "a 3D animation"),
    "clay": bank("a clay animation|a claymation|a clay model", "a plasticine film"),
    "pencil sketch": bank("a pencil sketch|a pencil drawing|a sketch", "a graphite drawing"),
    "neon": bank("a neon picture|a neon sign|neon art", "a fluorescent picture"),
    "pixel art": bank("pixel art|a pixel-art animation|8-bit pixel art", "a retro game scene"),
    "watercolour": bank("a watercolour|a watercolour painting|a watercolor painting", "an aquarelle"),
}

# ---- how it is filmed ------------------------------------------------------------------------------------

CAMERA = {  # what the camera does; {it} is what is filmed
    "static": bank("stay still|stay fixed|stand still", "stay put|hold still"),
    "pan left": bank(
        "pan left|pan to the left|move left|move to the left|turn left|travel left",
        "swing over to the left|pan leftwards",
    ),
    "pan right": bank(
        "pan right|pan to the right|move right|move to the right|turn right|travel right",
        "swing over to the right|pan rightwards",
    ),
    "tilt up": bank("tilt up|tilt upwards|move up|look up|go up", "tilt towards the sky|turn upwards"),
    "tilt down": bank(
        "tilt down|tilt downwards|move down|look down|go down", "tilt towards the floor|turn downwards"
    ),
    "zoom in": bank(
        "zoom in|zoom in on {it}|move closer|come closer|get closer to {it}", "push in|approach {it}"
    ),
    "zoom out": bank(
        "zoom out|move away|pull back|zoom out slowly|move away from {it}", "draw back|retreat from {it}"
    ),
    "follow": bank(
        "follow {it}|track {it}|move along with {it}|follow along|keep {it} in view",
        "accompany {it}|keep up with {it}",
    ),
}
SHOT = {  # the same as a noun
    "static": bank("a static shot|a fixed camera|a static camera", "a locked-off shot"),
    "pan left": bank("a pan left|a pan to the left|a camera pan to the left", "a leftward pan"),
    "pan right": bank("a pan right|a pan to the right|a camera pan to the right", "a rightward pan"),
    "tilt up": bank("a tilt up|an upward tilt|a camera tilt upwards", "a tilt towards the sky"),
    "tilt down": bank("a tilt down|a downward tilt|a camera tilt downwards", "a tilt towards the floor"),
    "zoom in": bank("a zoom in|a slow zoom in|a camera zoom inwards", "a push-in"),
    "zoom out": bank("a zoom out|a slow zoom out|a camera zoom outwards", "a pull-back"),
    "follow": bank("a tracking shot|a following camera|a follow shot", "a travelling shot"),
}
CAMERA_AFTER = bank(
    "the camera {third}|the camera {third}|camera {ing}|while the camera {third}|as the camera {third}"
    "|with the camera {ing}|with {shot}|{shot}|the camera is {ing}",
    "filmed by a camera {ing}|seen as the camera {third}|camera motion: {base}",
)
CAMERA_BEFORE = bank(
    "camera: {base}|{bare shot}|the camera {third}|the camera is {ing}",
    "camera work: {base}|filmed with {shot}",
)
CAMERA_ALONE = bank(
    "the camera {third}|the camera {third}|the camera is {ing}|camera: {base}|{shot}",
    "it is filmed with {shot}|meanwhile the camera {third}",
)
