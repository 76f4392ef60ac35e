"""What a person might say of a scene: varied English captions that are always true of it.

Every caption names the thing, the action, the place and whatever is out of the ordinary. What is ordinary (by
day, clear, a still camera, plain style, its own colour, normal size) is mostly left out, as people do.
Held-out captions have sentences of their own and like the wordings that are kept for them (wordings.py): so a
model can be tested on words that it never saw. This file does not know what a scene looks like.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal

from vitascope.train.world import vocab
from vitascope.train.world import wordings as words
from vitascope.train.world.things import THINGS, Thing, plural_of
from vitascope.train.world.wordings import Bank

if TYPE_CHECKING:
    from vitascope.train.world.scene import Scenes

Split = Literal["train", "held-out"]

_ORDINARY_SAID = 0.06  # how often an ordinary attribute is said all the same
_DIRECTION_SAID = 0.85  # of things that travel
_LOOK_SAID = 0.3  # which way a thing looks or spins that stays where it is
_KEPT_SAID = 0.5  # how often a held-out caption takes a kept wording where there is one
_LONG = 120  # characters; measured: 99 % of shorter captions have at most 32 word pieces
_DRAWS = 4
_COLOUR_WORDS = frozenset([*vocab.COLOURS[1:], "grey", "brown", "golden", "silver", "striped", "spotted"])
_TRAVELS = frozenset(["walks", "runs", "jumps", "bounces", "rolls", "slides"])
_RISES = frozenset(["flies up", "floats"])

# {np} the things; {v}, {is}, {ing} what they do, are doing, doing; {where}, {scene} the place; {when} begins
# with a space unless it's empty.
_SENTENCES = Bank(
    (
        "{np} {v} {where}{when}",
        "{np} {v} {where}{when}",
        "{np} {is} {where}{when}",
        "{np} {is} {where}{when}",
        "{where}{when}, {np} {v}",
        "{where} {np} {is}{when}",
        "there {be} {np} {ing} {where}{when}",
        "{scene}{when}, where {np} {v}",
        "{scene}{when}. {np} {is}",
        "{tags}. {np} {is}",
        "we see {np} {ing} {where}{when}",
        "you can see how {np} {v} {where}{when}",
        "{np}, {where}{when}, {v}",
    ),
    (
        "watch {np} {ing} {where}{when}",
        "imagine {np} {ing} {where}{when}",
        "the setting is {scene}{when}; {np} {v} there",
        "I would like to see {np} {ing} {where}{when}",
        "look how {np} {v} {where}{when}",
        "{where} you will find {np} {ing}{when}",
        "what happens: {np} {v} {where}{when}",
    ),
)
_PHRASES = Bank(
    (
        "{np} {ing} {where}{when}",
        "{np} {ing} {where}{when}",
        "{np} that {v} {where}{when}",
        "{scene}{when} with {np} {ing}",
        "{np} {where}{when}, {ing}",
    ),
    ("{np}, seen {ing} {where}{when}", "{np} caught {ing} {where}{when}", "{np} which {v} {where}{when}"),
)
_MEDIA = Bank(
    (
        "a video of {body}",
        "a clip of {body}",
        "footage of {body}",
        "a film of {body}",
        "show {body}",
        "make a video of {body}",
    ),
    ("a short movie of {body}", "please animate {body}", "a moving picture of {body}"),
)
_CUTS = Bank(
    (
        "{body}, then cut to {same} {where}",
        "{body}, then the scene changes to {same} {where}",
        "{body}. then {same} {where}",
        "{body}. cut to {same} {where}",
        "{body}, and then {same} {ing} {where}",
        "first {body}, then {same} {where}",
        "{body}; cut; {same} {ing} {where}",
        "two shots: {body}, then {same} {where}",
        "{body}. cut to {scene} with {same}",
    ),
    (
        "{body}. in the next shot, {same} {where}",
        "{body}, and a moment later we find {same} {where}",
        "opening on {body}, and after the cut {same} {where}",
        "{body}. afterwards it is {scene} and {same}",
    ),
)
_NUMBERS = ("no", "one", "two", "three", "four", "five")


@dataclass(frozen=True)
class _Script:
    """One row of Scenes in words of vocab.py; `direction` is "left", "right" or ""."""

    subject: Thing
    other: Thing | None
    action: str
    place: str
    daytime: str
    weather: str
    camera: str
    style: str
    colour: str
    size: str
    count: int
    relation: str
    direction: str
    second_place: str


def caption(scenes: "Scenes", i: int, rng: Random, split: Split = "train") -> str:
    """One caption of scene `i`; the same random state gives the same caption.

    A long one is drawn again: of a few, the first that a text encoder reads whole, or else the shortest.
    """
    script, drawn = _script(scenes, i), list[str]()
    for _ in range(_DRAWS):
        drawn.append(_Caption(script, rng, split).text())
        if len(drawn[-1]) <= _LONG:
            return drawn[-1]
    return min(drawn, key=len)


def _script(scenes: "Scenes", i: int) -> _Script:
    things = [int(thing) for thing in scenes.things_BK[i] if thing >= 0]
    other = next((THINGS[thing] for thing in things[1:] if thing != things[0]), None)
    second = int(scenes.second_place_B[i])
    return _Script(
        THINGS[things[0]],
        other,
        vocab.ACTIONS[int(scenes.action_B[i])],
        vocab.PLACES[int(scenes.place_B[i])],
        vocab.DAYTIMES[int(scenes.daytime_B[i])],
        vocab.WEATHERS[int(scenes.weather_B[i])],
        vocab.CAMERAS[int(scenes.camera_B[i])],
        vocab.STYLES[int(scenes.style_B[i])],
        vocab.COLOURS[int(scenes.colour_B[i])],
        vocab.SIZES[int(scenes.size_B[i])],
        things.count(things[0]),
        vocab.RELATIONS[int(scenes.relation_B[i])],
        ("", "right", "left")[int(scenes.direction_B[i])],
        vocab.PLACES[second] if second >= 0 else "",
    )


class _Caption:
    """One caption in the making: chooses words as it goes, and remembers the noun for later mentions."""

    def __init__(self, script: _Script, rng: Random, split: Split):
        self.script = script
        self.rng = rng
        self.held_out = split == "held-out"
        self.noun = self._noun(script.subject, painted=script.colour != "own")
        self.other_noun = self._noun(script.other) if script.other else ""

    def text(self) -> str:
        if not self.script.second_place and not self.held_out and self.rng.random() < 0.08:
            return _surface(", ".join(self._tags()), self.rng)
        styled = self.script.style != "plain" or self._ordinary()
        filmed = self.script.camera != "static" or self._ordinary()
        body, styled = self._body(styled)
        if self.script.second_place:
            body = self._with_cut(body)
        return _surface(self._filmed(body, styled, filmed), self.rng)

    def _filmed(self, body: str, styled: bool, filmed: bool) -> str:
        """The body with the style and the camera, each in one of their places."""
        place = self.rng.random()
        style = self._pick(words.STYLE[self.script.style]) if styled else ""
        if filmed and place < 0.5:
            after = [style, self._camera(words.CAMERA_AFTER)]
            self.rng.shuffle(after)
            return ", ".join(filter(None, [body, *after]))
        body = f"{body}, {style}" if style else body
        if filmed:
            alone = place < 0.75
            camera = self._camera(words.CAMERA_ALONE if alone else words.CAMERA_BEFORE)
            body = f"{body}. {camera}" if alone else f"{camera}. {body}"
        return body

    # ---- choosing

    def _pick(self, bank: Bank) -> str:
        if self.held_out and bank.kept and self.rng.random() < _KEPT_SAID:
            return self.rng.choice(bank.kept)
        return self.rng.choice(bank.train)

    def _template(self, bank: Bank) -> str:
        return self.rng.choice(bank.kept if self.held_out else bank.train)

    def _ordinary(self) -> bool:
        return self.rng.random() < _ORDINARY_SAID

    # ---- the things

    def _noun(self, thing: Thing, painted: bool = False) -> str:
        """A name of the thing; of a painted one not "red fox", since that speaks of its own colour."""
        if self.held_out and thing.kept and self.rng.random() < _KEPT_SAID:
            choices = thing.kept
        else:
            choices = thing.synonyms if thing.synonyms and self.rng.random() < 0.4 else (thing.name,)
        noun = self.rng.choice(choices)
        return thing.name if painted and not _COLOUR_WORDS.isdisjoint(noun.split()) else noun

    def _adjectives(self) -> str:
        script, found = self.script, ""
        if script.size != "normal" or self.rng.random() < _ORDINARY_SAID / 3:
            found += self._pick(words.SIZE[script.size]) + " "
        if script.colour != "own":
            found += self._pick(words.COLOUR[script.colour]) + " "
        return found

    def _things(self) -> str:
        """The noun phrase of whatever acts: "two small red foxes", "a fox to the left of a pumpkin"."""
        script, described = self.script, self._adjectives()
        if script.count > 1:
            return self._several(described + plural_of(self.noun))
        first = self._one(described + self.noun)
        if script.relation == "none" or script.other is None:
            return first
        direction, opposite = ("left", "right") if script.relation == "left of" else ("right", "left")
        return self._pick(words.RELATION).format(a=first, b=_a(self.other_noun), d=direction, o=opposite)

    def _one(self, noun: str) -> str:
        chance = self.rng.random()
        if chance < 0.82:
            return _a(noun)
        return f"{'the' if chance < 0.9 else 'one' if chance < 0.96 else 'a single'} {noun}"

    def _several(self, nouns: str) -> str:
        count, chance = self.script.count, self.rng.random()
        if self.held_out and chance < 0.4:
            group = ("a couple of", "a trio of", "a quartet of", "a quintet of")[count - 2]
            return f"{group} {nouns}" if chance < 0.2 else f"exactly {_NUMBERS[count]} {nouns}"
        if chance < 0.65:
            return f"{_NUMBERS[count]} {nouns}"
        if chance < 0.85:
            return f"{count} {nouns}"
        return (
            f"a pair of {nouns}" if count == 2 and chance < 0.95 else f"a group of {_NUMBERS[count]} {nouns}"
        )

    def _same(self) -> str:
        script = self.script
        if script.other is not None:
            return f"the same {self.noun} and the same {self.other_noun}"
        return (
            f"the same {_NUMBERS[script.count]} {plural_of(self.noun)}"
            if script.count > 1
            else f"the same {self.noun}"
        )

    # ---- what happens

    def _verb(self) -> tuple[str, str]:
        """The verb in its base form, and what follows it: the other thing, the direction."""
        script, rng = self.script, self.rng
        verb = self._pick(words.ACTION[script.action])
        swims = script.place == "underwater" and script.subject.kind in ("animal", "bird", "fish")
        more = words.ACTION_OF_KIND.get(("swimmer" if swims else script.subject.kind, script.action))
        if more and rng.random() < 0.4:
            verb = rng.choice(more)
        after = ""
        if script.action == "bumps into":
            after = (
                f" {_a(self.other_noun)}"
                if script.other
                else " each other"
                if script.count > 1
                else " something"
            )
        return verb, after + self._direction(verb)

    def _direction(self, verb: str) -> str:
        script = self.script
        bumps, said = script.action == "bumps into", self.rng.random()
        if (
            said > (_DIRECTION_SAID if bumps or script.action in _TRAVELS else _LOOK_SAID)
            or not script.direction
        ):
            return ""
        bank = words.DIRECTION
        if bumps:
            bank = words.DIRECTION_OF_BUMP
        elif script.action == "spins":
            bank = words.SPIN[script.direction]
        elif script.action not in _TRAVELS:
            if script.subject.faces == "front":
                return ""
            bank = words.FACING
        opposite = "left" if script.direction == "right" else "right"
        chosen = self._pick(bank)
        if chosen == "{d}" and " " in verb:  # "fall to the ground left" would be odd
            chosen = "to the {d}"
        return " " + chosen.format(d=script.direction, o=opposite)

    def _where(self, place: str) -> str:
        if self.script.action in _RISES and place in words.ABOVE and self.rng.random() < 0.4:
            return self._pick(words.ABOVE[place])
        return self._pick(words.WHERE[place])

    def _when(self, tags: bool = False) -> list[str]:
        script, found = self.script, list[str]()
        outdoors = script.place not in ("space", "underwater", "room")
        if script.daytime != "day" or (outdoors and self._ordinary()):
            found.append(self._pick((words.DAYTIME_TAG if tags else words.DAYTIME)[script.daytime]))
        if script.weather != "clear" or (outdoors and self._ordinary()):
            found.append(self._pick((words.WEATHER_TAG if tags else words.WEATHER)[script.weather]))
        self.rng.shuffle(found)
        return found

    # ---- putting it together

    def _slots(self) -> Mapping[str, str]:
        script, (verb, after) = self.script, self._verb()
        many = script.count > 1
        return {
            "np": self._things(),
            "v": (words.plain(verb) if many else words.third(verb)) + after,
            "is": f"{'are' if many else 'is'} {words.ing(verb)}{after}",
            "ing": words.ing(verb) + after,
            "be": "are" if many else "is",
            "where": self._where(script.place),
            "scene": self._pick(words.SCENE[script.place]),
            "when": "".join(f" {part}" for part in self._when()),
        }

    def _body(self, styled: bool) -> tuple[str, bool]:
        """A sentence or a phrase about the first shot, and whether the style still has to be said."""
        if self.script.second_place or self.rng.random() < 0.45:
            body = self._template(_PHRASES).format_map(self._slots())
            if styled and self.rng.random() < 0.35:
                return f"{self._pick(words.STYLE_OF[self.script.style])} of {body}", False
            if not self.script.second_place and self.rng.random() < 0.3:
                body = self._template(_MEDIA).format(body=body)
            return body, styled
        template = self._template(_SENTENCES)
        tags = ", ".join([*self._when(tags=True), _bare(self._pick(words.SCENE[self.script.place]))])
        return template.format_map({**self._slots(), "tags": tags}), styled

    def _with_cut(self, body: str) -> str:
        verb, after = self._verb()
        place = self.script.second_place
        again = words.ing(verb) + after
        if self.script.other is not None:  # one acts and the other is acted on, or only looks on
            again = "bumping into each other" if self.script.action == "bumps into" else "again"
        return self._template(_CUTS).format(
            body=body,
            same=self._same(),
            ing=again,
            where=self._pick(words.WHERE[place]),
            scene=self._pick(words.SCENE[place]),
        )

    def _camera(self, bank: Bank) -> str:
        it = self.rng.choice(("it", f"the {self.noun}")) if self.script.count == 1 else "them"
        base = self._pick(words.CAMERA[self.script.camera]).format(it=it)
        shot = self._pick(words.SHOT[self.script.camera])
        text = self._pick(bank).replace("{bare shot}", _bare(shot))
        return text.format(third=words.third(base), ing=words.ing(base), base=base, shot=shot)

    def _tags(self) -> list[str]:
        """The caption as people type it in a hurry: "fox, jumping, beach, night, pan left, clay"."""
        script, (verb, after) = self.script, self._verb()
        tags = [_bare(self._things()), words.ing(verb) + after, _bare(self._pick(words.SCENE[script.place]))]
        tags += self._when(tags=True)
        if script.camera != "static":
            tags.append(_bare(self._pick(words.SHOT[script.camera])))
        if script.style != "plain":
            tags.append(_bare(self._pick(words.STYLE_OF[script.style])))
        return tags


def _a(noun: str) -> str:
    """The noun with its indefinite article, by sound."""
    start = noun.lower()
    vowel = start[0] in "aeiou" and not start.startswith(("uni", "ufo", "eu", "ewe", "uku", "one"))
    return f"{'an' if vowel or start.startswith(('hour', '8')) else 'a'} {noun}"


def _bare(phrase: str) -> str:
    article, _, rest = phrase.partition(" ")
    return rest if article in ("a", "an", "the") and rest else phrase


def _surface(text: str, rng: Random) -> str:
    """Capitals and full stops, or their absence: people write both."""
    chance = rng.random()
    if chance < 0.4:
        return text.lower()
    if chance < 0.55:
        return text
    sentences = [sentence[0].upper() + sentence[1:] for sentence in text.split(". ")]
    return ". ".join(sentences) + "."
