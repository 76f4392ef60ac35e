"""Which of a reader's values a text asks for: "three red cars race left" -> car, runs, 3, red, left.

Plain phrase matching: the names of the values themselves, and what else people call them, in any inflection.
A word that is in no list asks for nothing, so a "lion" is never held against a reader that knows no lions.
Knows English and the names of attributes; no pictures, no reader, and not how training captions are written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["asked"]

# value or values: what else people call them. Several values, if a word may mean any of them.
_NAMES = {
    "thing": """
        fox: vixen; cat: kitten, kitty; dog: puppy, doggy, hound; duck: drake, mallard; frog: toad, bullfrog;
        tiger: tigress; turtle: tortoise, terrapin; horse: pony, stallion, mare; pig: piglet, hog; cow:
        heifer; rabbit: bunny, hare; bee: honeybee, bumblebee; owl: night owl; dinosaur: t-rex, tyrannosaurus;
        car: automobile; bus: coach; bicycle: bike, pushbike; octopus: octopi, sea octopus; rocket: spaceship,
        spacecraft, space rocket; football|basketball: ball; aeroplane: airplane, plane, jet, airliner;
        sailing boat: sailboat, yacht, dinghy, boat; steam train: train, locomotive, steam engine, railway
        engine; helicopter: chopper; flying saucer: ufo, alien spaceship, unidentified flying object;
        football: soccer ball; basketball: basket ball; pumpkin: jack-o'-lantern; watermelon: slice of
        watermelon, piece of watermelon; doughnut: donut; pizza: slice of pizza, piece of pizza; mushroom:
        toadstool; cactus: cacti, saguaro; tree: oak; crab: sea crab; sunflower: flower; house: cottage;
        castle: palace, fortress; umbrella: parasol; ghost: phantom; teapot: kettle, tea pot, pot for tea;
        robot: android, droid; teddy bear: teddy, toy bear, cuddly bear; gift: gift box, present; top hat:
        hat; ice cream: cone of ice cream, ice cream cone;
        drum: drum with drumsticks; cake: cake with candles""",
    "action": """
        stands still: stand, stay still, not move, stay in place, remain motionless, keep still, motionless,
        rest; walks: stroll, wander, march, amble, saunter, move slowly; runs: fly fast, drive fast, race,
        dash, sprint, rush, hurry, scurry, gallop, speed along, move fast; walks|runs: drive, sail, swim, fly
        along, fly slowly; jumps: hop, leap, vault, spring into the air; bounces: rebound; rolls: trundle;
        slides: glide, skid, slip, slither, skate; falls: drop, plummet, plunge, tumble down; flies
        up|floats|runs: fly; flies up: take off, rise, soar, ascend, lift off, fly away, fly upwards, take
        flight, take wing; floats: hover, drift, levitate, hang in the air, waft; spins: rotate, twirl, whirl,
        pirouette, turn around, turn in circles, turn around and around; swings: sway, dangle, rock to and
        fro; shakes: tremble, wobble, shiver, vibrate, wiggle, quiver, jitter; grows: get bigger, become
        larger, expand, get larger, become bigger, swell, grow bigger; shrinks: get smaller, become smaller,
        become tiny, dwindle, grow smaller, decrease in size; bumps into: bump, crash, crash into, collide,
        knock into, smash into, hit, ram; stands still: freeze, do nothing, pause, linger, loiter, idle,
        lounge, pose, wait around, sit there, stay rooted to the spot, halt, stall, laze, budge; walks:
        stride, pace, trudge, plod, toddle, roam, shuffle along, step along, go along slowly, tread, hike,
        ramble along, meander, promenade, traipse, lumber, waddle, sashay, potter about, strut, prowl, creep,
        mosey along, limp, totter; runs: bolt, jog, charge along, hasten, scamper, tear along, go at full
        speed, flee, whizz along, scoot, zip along, scuttle, careen, stampede, canter, trot, hurtle along,
        whoosh past, streak along; jumps: bound, skip, pounce, cavort, prance, frolic, leapfrog, hurdle,
        caper, gambol; bounces: ricochet, bob up and down, dribble, go boing, bobble, boing up and down,
        jounce up and down, pogo; rolls: tumble along, wheel along, turn over and over along the ground, bowl
        along, do somersaults, tumble head over heels, cartwheel, barrel along, trolley along, somersault
        along; slides: coast along, skim along, sled along, ski, skim over the ground, toboggan, slalom,
        aquaplane, skitter, glissade; falls: come down, topple down, crash down, descend, sink to the ground,
        crash to the ground, nosedive, come crashing down, plop down, collapse, keel over, dive down, hurtle
        down, cascade down, tumble; flies up: climb into the sky, go up, shoot up into the sky, launch, rocket
        upwards, take to the air, blast off, mount into the air, go up into the air, skyrocket, zoom upwards,
        surge upwards, flutter up, catapult upwards, airborne; floats: bob in the air, hang weightlessly, swim
        through the air, bob about, linger in the air, weightless, suspended in mid-air, buoyant; spins:
        revolve, swivel, gyrate, go round and round, turn on the spot, keep turning, pivot, swirl, wheel
        around, spiral, reel around; swings: hang from a rope, hang on a string, oscillate, lean from side to
        side, seesaw, undulate, pendulate, wag from side to side, hang loosely, flap about; shakes: shudder,
        quake, judder, twitch, jiggle, rattle, buzz, fidget, jolt, quaver, convulse, shimmy, jerk, tremor,
        throb, twitter, flutter; grows: enlarge, inflate, blow up like a balloon, become huge, puff up, become
        gigantic, get huge, burgeon, dilate, widen, bulge, distend, magnify, sprout, fatten; shrinks: get
        tiny, diminish, contract, deflate, shrivel, become little, wither away, wane, compress, shrivel up,
        ebb away, recede, miniaturise, lessen, slim down; bumps into: run into, strike, bang into, slam into,
        knock against, push against, clash with, drive into, run up against, stumble into, barge
        into, plough into, butt, jostle, wallop, whack, smack into, thump into, nudge, shove, clobber""",
    "place": """
        meadow: grass, green field, grassy field, pasture, lawn, field; beach: seaside, by the sea, sand by
        the sea, shore, coast, sandy beach, seashore; desert: sand dunes, dunes, Sahara; beach|desert: sand;
        beach|underwater: sea; snow: snowy field, snowy landscape, winter landscape, wintry land, snowy; mars:
        red planet, Martian; city: town, street, downtown, skyscrapers, tall buildings, skyline; forest: wood,
        among the trees, woodland, between the trees, tree trunks, jungle; space: outer space, among the
        stars, cosmos, universe, starry space; underwater: under the water, under the sea, bottom of the sea,
        deep sea, beneath the waves, ocean floor, undersea, seabed, in the sea; room: indoors, living room,
        inside a house, inside of a house, at home, parlour, indoor scene""",
    "camera": """
        static: static camera, camera stands still, camera stays still, camera does not move, fixed camera,
        locked-off shot, static shot, camera stays fixed, camera stays put; pan left: pan to the left,
        leftward pan, pan leftwards, camera moves left, camera moves to the left, camera turns left, camera
        travels left, camera swings over to the left; pan right: pan to the right, rightward pan, pan
        rightwards, camera moves right, camera moves to the right, camera turns right, camera travels right,
        camera swings over to the right; tilt up: tilt upwards, upward tilt, tilt towards the sky, camera
        moves up, camera looks up, camera goes up; tilt down: tilt downwards, downward tilt, tilt towards the
        floor, camera moves down, camera looks down, camera goes down; zoom in: push in, zoom inwards, camera
        moves closer, camera comes closer, camera gets closer, camera approaches; zoom out: pull back, draw
        back, camera moves away, camera retreats; follow: camera follows, follow shot, tracking shot,
        following camera, camera tracks, travelling shot, camera accompanies, camera keeps up, camera moves
        along, camera keeps it in view""",
    "style": """
        plain: cartoon, 3D animation; clay: claymation, plasticine; pencil sketch: pencil drawing, pencil,
        sketch, graphite, drawing on paper; neon: fluorescent, cyberpunk; pixel art: 8-bit, pixel, retro game,
        video game; watercolour: watercolor, aquarelle""",
    "daytime": """
        day: daytime, daylight, by day, at noon; sunset: dusk, evening, twilight, sundown, sun sets; night:
        night-time, dark, moonlight, darkness, midnight, when it is dark""",
    "weather": """
        clear: clear sky, clear weather, good weather, fine weather, sunny; rain: rainy, downpour, raindrops,
        rain falls; fog: foggy, mist, misty, haze; snowfall: snowing, snows, snow falls, falling snow,
        snowstorm, snowflakes, blizzard""",
}
_NO_NAMES = ("plain", "clear", "static")  # of values: these words mean many things
_ADJECTIVES = {
    "colour": """red, scarlet, crimson; orange, amber; yellow; green; blue, azure;
        purple, violet, lilac, mauve; pink; white, ivory; black, ebony""",
    "size": """small, little, tiny, miniature, teeny; normal, medium;
        big, large, huge, giant, enormous, gigantic""",
    "count": "1, one, single; 2, two, pair, couple; 3, three, trio; 4, four, quartet; 5, five, quintet",
}
_TRAVELS = frozenset(("walks", "runs", "jumps", "bounces", "rolls", "slides", "bumps into"))
_FILMED = frozenset(("camera", "shot", "pan", "tilt", "zoom"))
_STEPS = frozenset(
    ("in", "on", "at", "by", "with", "and", "or", "from", "to", "into", "over", "under", "near")
)
_IRREGULAR = {
    "ran": "run",
    "fell": "fall",
    "swam": "swim",
    "stood": "stand",
    "swung": "swing",
    "spun": "spin",
    "shook": "shak",
    "shrank": "shrink",
    "grew": "grow",
    "flew": "fly",
    "flies": "fly",
    "men": "man",
    "snowmen": "snowman",
    "mars": "mars",
    "snowing": "snowing",  # is weather, and snow a place
    "snows": "snowing",
}
_ARTICLES = frozenset(("a", "an", "the", "its", "his", "her", "their", "does", "do", "is", "are", "be", "it"))
_LOOK_BACK = 4  # words: "three small bright red | cars"

Wanted = dict[str, tuple[str, ...]]
Phrases = dict[tuple[str, ...], tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class _Found:
    """A phrase in a clause: the words from start up to stop name one of these values of an attribute."""

    start: int
    stop: int
    attribute: str
    values: tuple[str, ...]


def asked(text: str, labels: Mapping[str, Sequence[str]]) -> Wanted:
    """The values that a text names, by attribute: one of several, if a word may mean any of them.

    `labels` are the attributes and values that count; others are never asked for. The first thing, action,
    place ... that is named counts, and colour, size and number only of the first thing. A direction counts
    for what travels, under a camera that doesn't pan.
    """
    names = _names(tuple((name, tuple(values)) for name, values in labels.items()))
    wanted: Wanted = {}
    for clause in re.split(r"[.,;!?\n]+|\b(?:while|as|with)\b(?=(?:\W+\w+){0,2}\W+camera\b)", text):
        for name, values in _of_clause(list(_stems(clause)), names).items():
            known = tuple(value for value in values if value in labels.get(name, ()))
            if known:
                wanted.setdefault(name, known)
    travels = set(wanted.get("action", ("",))) <= _TRAVELS
    pans = any(value.startswith("pan") for value in wanted.get("camera", ()))
    if not travels or pans or "relation" in wanted:
        wanted.pop("direction", None)
    return wanted


def _of_clause(words: list[str], names: Phrases) -> Wanted:
    """What one clause asks for. What a camera does is no action, and has no direction of its own."""
    found, filmed = list(_phrases_in(words, names)), "camera" in words
    wanted: Wanted = {}
    for phrase in found:
        if not (filmed and phrase.attribute == "action"):
            wanted.setdefault(phrase.attribute, phrase.values)
    things = [phrase for phrase in found if phrase.attribute == "thing"]
    if things:
        wanted |= _looks(words, things[0])
    sides = _sides(words, found)
    if "relation" in sides and len(things) > 1:
        wanted["relation"] = sides["relation"]
    elif "direction" in sides and "relation" not in sides and not filmed:
        wanted["direction"] = sides["direction"]
    return wanted


def _phrases_in(words: list[str], names: Phrases) -> Iterator[_Found]:
    """The phrases in a clause from left to right; of several that begin at one word, the longest."""
    longest, place = max(map(len, names), default=0), 0
    while place < len(words):
        for stop in range(min(len(words), place + longest), place, -1):
            phrase = tuple(words[place:stop])
            # "the camera slowly moves left" is "camera moves left".
            match = names.get(phrase) or (names.get(("camera", *phrase)) if "camera" in words else None)
            if match and (match[0] != "camera" or not _FILMED.isdisjoint(words)):
                yield _Found(place, stop, *match)
                place = stop
                break
        else:
            place += 1


def _looks(words: list[str], thing: _Found) -> Wanted:
    """Colour, size and number of a thing: from the words just before it, or "is red" after it."""
    wanted: Wanted = {}
    for word in reversed(words[max(0, thing.start - _LOOK_BACK) : thing.start]):
        if word in _STEPS:
            break
        if word in _adjectives():
            name, value = _adjectives()[word]
            wanted[name] = (value,)
    name, value = _adjectives().get(words[thing.stop] if thing.stop < len(words) else "", ("", ""))
    return wanted | {name: (value,)} if name == "colour" else wanted


def _sides(words: list[str], found: list[_Found]) -> Wanted:
    """Where "left" and "right" say which way something goes, or beside what it stands."""
    wanted: Wanted = {}
    taken = {place for phrase in found for place in range(phrase.start, phrase.stop)}
    things = {phrase.stop for phrase in found if phrase.attribute == "thing"}
    for place, word in enumerate(words):
        side = re.sub(r"^(left|right)(ward|-hand)?$", r"\1", word)
        if side not in ("left", "right") or place in taken:
            continue
        before, after = words[place - 1] if place else "", words[place + 1 : place + 3]
        if after[:1] == ["of"] or after == ["sid", "of"]:
            wanted.setdefault("relation", (f"{side} of",))
        elif before not in ("fac", "look", "gaz") and place not in things:  # "the fox left" is no direction
            opposite = "right" if side == "left" else "left"
            wanted["direction"] = (opposite if before == "from" else side,)
    return wanted


@lru_cache(maxsize=8)
def _names(labels: tuple[tuple[str, tuple[str, ...]], ...]) -> Phrases:
    """What people call the values of a reader: phrases as stems -> an attribute, and values of it."""
    names: Phrases = {}
    for attribute, known in labels:
        entries = [" ".join(entry.split()).partition(":") for entry in _NAMES.get(attribute, "").split(";")]
        said = [(tuple(value.split("|")), others.split(",")) for value, _, others in entries]
        said += [((value,), [value]) for value in known if value not in _NO_NAMES and attribute in _NAMES]
        for values, phrases in said:
            held = tuple(value for value in values if value in known)
            for stems in filter(None, map(_stems, phrases)) if held else ():
                names[stems] = attribute, held
    return names


@lru_cache(maxsize=1)
def _adjectives() -> dict[str, tuple[str, str]]:
    """A stem -> what it says of the thing after it: an attribute, and its value."""
    found: dict[str, tuple[str, str]] = {}
    for name, entries in _ADJECTIVES.items():
        for entry in entries.split(";"):
            value, *others = map(str.strip, entry.split(","))
            found |= {_stem(word): (name, value) for word in (value, *others)}
    return found


def _stems(text: str) -> tuple[str, ...]:
    """The words of a text without endings and articles; of "snow-white" white, of "long-legged" nothing."""
    colours = "|".join(re.findall(r"\w+", _ADJECTIVES["colour"]))
    plain = re.sub(rf"\b\w+-(?={colours})|\b\w+-\w+ed\b", "", text.lower())
    return tuple(filter(None, map(_stem, re.findall(r"[^\W_]+(?:['’][^\W_]+)*", plain))))


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """A word without its ending: runs, running -> run; empty for articles, which no phrase needs."""
    if word in _ARTICLES:
        return ""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        word = word[:-2]
    elif word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "'s")) and len(word) > 2:
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and re.search(r"[aeiouy]", rest):
            word = rest[:-1] if re.search(r"([bdgmnprt])\1$", rest) else rest
    return word.removesuffix("e") if len(word) > 3 else word
