"""Captions are true, complete, varied and grammatical, and held-out ones keep to themselves."""

import re
from dataclasses import replace
from random import Random

import pytest
import torch

from vitascope.train.world import captions, vocab, wordings
from vitascope.train.world.captions import Split, caption
from vitascope.train.world.scene import Mix, Scenes, sample
from vitascope.train.world.things import THINGS, Thing, plural_of
from vitascope.train.world.wordings import Bank, ing, plain, third

COUNT = 1500
LIVELY = Mix(
    n_things=len(THINGS),
    p_style=0.3,
    p_colour=0.3,
    p_count=0.3,
    p_pair=0.2,
    p_weather=0.3,
    p_cut=0.2,
    p_size=0.4,
)
SPLITS: tuple[Split, ...] = ("train", "held-out")
BANKS = {
    f"{name}[{key}]": bank
    for name in dir(wordings)
    if isinstance(table := getattr(wordings, name), dict) and not name.startswith("__")
    for key, bank in table.items()
    if isinstance(bank, Bank)
} | {
    name: bank
    for module in (wordings, captions)
    for name in dir(module)
    if isinstance(bank := getattr(module, name), Bank)
}


def scenes_of(mix: Mix = LIVELY, count: int = COUNT) -> Scenes:
    return sample(count, torch.Generator().manual_seed(5), mix)


def said_of(scenes: Scenes, split: Split = "train") -> list[str]:
    rng = Random(6)
    return [caption(scenes, i, rng, split) for i in range(len(scenes))]


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return scenes_of()


@pytest.fixture(scope="module", params=SPLITS)
def said(request: pytest.FixtureRequest, scenes: Scenes) -> list[str]:
    return said_of(scenes, request.param)


def says(text: str, phrases: list[str]) -> bool:
    """Whether the text has one of these phrases, as whole words, in small or capital letters."""
    return any(re.search(rf"(?<!\w){re.escape(phrase.lower())}(?!\w)", text.lower()) for phrase in phrases)


def every(bank: Bank) -> list[str]:
    return [*bank.train, *bank.kept]


def names_of(thing: Thing, count: int = 1) -> list[str]:
    names = [thing.name, *thing.synonyms, *thing.kept]
    return names if count == 1 else [plural_of(name) for name in names]


def bare(phrases: list[str]) -> list[str]:
    return [re.sub(r"^(a|an|the) ", "", phrase) for phrase in phrases]


def forms(verbs: list[str]) -> list[str]:
    return [form(verb) for verb in verbs for form in (third, plain, ing)]


# ---- true and complete


def test_the_thing_is_said(scenes: Scenes, said: list[str]) -> None:
    for i, text in enumerate(said):
        count = int(scenes.count_B[i])
        assert says(text, names_of(THINGS[scenes.things_BK[i, 0]], count)), text


def test_the_other_thing_is_said(scenes: Scenes, said: list[str]) -> None:
    pairs = [i for i in range(COUNT) if scenes.things_BK[i, 1] not in (-1, scenes.things_BK[i, 0])]
    assert len(pairs) > 100
    for i in pairs:
        assert says(said[i], names_of(THINGS[scenes.things_BK[i, 1]])), said[i]


def test_the_action_is_said(scenes: Scenes, said: list[str]) -> None:
    for i, text in enumerate(said):
        action = vocab.ACTIONS[scenes.action_B[i]]
        more = [
            verb for (_, act), verbs in wordings.ACTION_OF_KIND.items() if act == action for verb in verbs
        ]
        assert says(text, forms(every(wordings.ACTION[action]) + more)), text


@pytest.mark.parametrize("column", ["place_B", "second_place_B"])
def test_the_places_are_said(scenes: Scenes, said: list[str], column: str) -> None:
    places = getattr(scenes, column)
    assert (places >= 0).sum() > 200
    for i, text in enumerate(said):
        if places[i] >= 0:
            place = vocab.PLACES[places[i]]
            above = every(wordings.ABOVE[place]) if place in wordings.ABOVE else []
            assert says(text, every(wordings.WHERE[place]) + bare(every(wordings.SCENE[place])) + above), text


@pytest.mark.parametrize(
    ("column", "names", "tables"),
    [
        ("daytime_B", vocab.DAYTIMES, (wordings.DAYTIME, wordings.DAYTIME_TAG)),
        ("weather_B", vocab.WEATHERS, (wordings.WEATHER, wordings.WEATHER_TAG)),
        ("colour_B", vocab.COLOURS, (wordings.COLOUR,)),
        ("size_B", vocab.SIZES, (wordings.SIZE,)),
        ("style_B", vocab.STYLES, (wordings.STYLE, wordings.STYLE_OF)),
    ],
)
def test_what_is_out_of_the_ordinary_is_said(
    scenes: Scenes, said: list[str], column: str, names: tuple[str, ...], tables: tuple[dict[str, Bank], ...]
) -> None:
    ordinary = "normal" if column == "size_B" else names[0]
    values = [names[value] for value in getattr(scenes, column)]
    assert sum(value != ordinary for value in values) > 100
    for value, text in zip(values, said, strict=True):
        if value != ordinary:
            phrases = [phrase for table in tables for phrase in every(table[value])]
            assert says(text, phrases + bare(phrases)), text


def test_the_camera_is_said(scenes: Scenes, said: list[str]) -> None:
    for i, text in enumerate(said):
        camera = vocab.CAMERAS[scenes.camera_B[i]]
        if camera == "static":
            continue
        verbs = [verb.partition(" {it}")[0] for verb in every(wordings.CAMERA[camera])]
        assert says(text, forms(verbs) + bare(every(wordings.SHOT[camera]))), text


def test_counts_are_words_or_digits(scenes: Scenes, said: list[str]) -> None:
    words = {
        2: ["two", "2", "a pair of", "a couple of", "pair of"],
        3: ["three", "3", "a trio of"],
        4: ["four", "4", "a quartet of"],
        5: ["five", "5", "a quintet of"],
    }
    for i, text in enumerate(said):
        if scenes.count_B[i] > 1:
            assert says(text, words[int(scenes.count_B[i])] + [words[int(scenes.count_B[i])][-1][2:]]), text


def test_relations_say_the_side() -> None:
    """Of a pair standing still, the only side that can be meant is the relation."""
    pairs = scenes_of(Mix(p_pair=1.0, p_bump=0.0, p_camera=0.0, n_things=64), 400)
    pairs = replace(pairs, action_B=pairs.action_B * 0, direction_B=pairs.direction_B * 0)
    for split in SPLITS:
        for i, text in enumerate(said_of(pairs, split)):
            left = vocab.RELATIONS[pairs.relation_B[i]] == "left of"
            other = "|".join(map(re.escape, names_of(THINGS[pairs.things_BK[i, 1]])))
            turned = re.search(rf"with an? ({other}) on the|whose neighbour on the", text.lower()) is not None
            assert says(text, ["right" if left == turned else "left"]), text
            assert not says(text, ["left" if left == turned else "right"]), text


@pytest.mark.parametrize("split", SPLITS)
def test_the_way_of_a_journey_is_mostly_said_and_never_wrong(split: Split) -> None:
    alone = scenes_of(Mix(p_pair=0.0, p_bump=0.0, p_camera=0.0, n_things=64), 800)
    travels = alone[
        torch.isin(alone.action_B, torch.tensor([vocab.ACTIONS.index(a) for a in ("walks", "rolls")]))
    ]
    told = 0
    for i, text in enumerate(said_of(travels, split)):
        way, other = ("left", "right") if travels.direction_B[i] < 0 else ("right", "left")
        ways = re.findall(r"\b(left|right)", text.lower())
        assert set(ways) in ({way}, {way, other}, set()), text
        assert not re.search(rf"\b((to|towards) (the )?{other}|from (the )?{way})\b", text.lower()), text
        told += way in ways
    assert told / len(travels) > 0.7


def test_a_painted_thing_is_not_called_by_its_own_colour() -> None:
    """A cat's synonyms say that it's black, which a painted cat is not."""
    cats = scenes_of(Mix(p_pair=0.0, p_bump=0.0, n_things=2), 300)
    cats = replace(cats, things_BK=torch.where(cats.things_BK >= 0, 1, -1))
    painted = replace(cats, colour_B=torch.full_like(cats.colour_B, vocab.COLOURS.index("blue")))
    assert any(says(text, ["black cat", "black cats"]) for text in said_of(cats))
    assert not any(says(text, ["black"]) for text in said_of(painted))


# ---- grammar


def test_articles_fit_the_sound(said: list[str]) -> None:
    for text in said:
        assert not re.search(r"\ba (?!uni|ufo|eu|one|u-shaped)[aeiou]", text, re.IGNORECASE), text
        assert not re.search(r"\ban (?!hour|8)[^aeiou]", text, re.IGNORECASE), text
        assert not re.search(r"\ban? an? ", text, re.IGNORECASE), text


def test_verbs_agree_with_their_number(scenes: Scenes, said: list[str]) -> None:
    nouns = {
        count: "|".join(n for t in THINGS for n in map(re.escape, names_of(t, count))) for count in (1, 2)
    }
    for i, text in enumerate(said):
        wrong = rf"\b({nouns[2]}) is\b|^there is\b"
        if scenes.count_B[i] == 1:
            wrong = rf"\b({nouns[1]}) are\b|^there are\b"
        assert not re.search(wrong, text.lower()), text


def test_no_slip_of_the_pen(said: list[str]) -> None:
    for text in said:
        assert not re.search(r"[{}]|  |,,|\.\.|, ?\.|: ?[,.]|^\W|[,;:]$| [,.;:]", text), text


@pytest.mark.parametrize(
    ("verb", "he", "they", "doing"),
    [
        ("run", "runs", "run", "running"),
        ("fly up", "flies up", "fly up", "flying up"),
        ("get bigger", "gets bigger", "get bigger", "getting bigger"),
        ("not move", "does not move", "do not move", "not moving"),
        ("race", "races", "race", "racing"),
        ("go for a walk", "goes for a walk", "go for a walk", "going for a walk"),
        ("crash into", "crashes into", "crash into", "crashing into"),
        ("sway to and fro", "sways to and fro", "sway to and fro", "swaying to and fro"),
        ("spin", "spins", "spin", "spinning"),
        ("grow", "grows", "grow", "growing"),
        ("hover", "hovers", "hover", "hovering"),
    ],
)
def test_verbs_are_inflected(verb: str, he: str, they: str, doing: str) -> None:
    assert (third(verb), plain(verb), ing(verb)) == (he, they, doing)


# ---- varied, and held out


def test_there_are_enough_sentences() -> None:
    for split in ("train", "kept"):
        templates = {t for bank in (captions._SENTENCES, captions._PHRASES) for t in getattr(bank, split)}
        assert len(templates) >= (12 if split == "train" else 6)


def test_one_scene_has_many_captions() -> None:
    scene = scenes_of(Mix(), 1)
    rng = Random(0)
    assert len({caption(scene, 0, rng) for _ in range(200)}) > 120


def test_the_same_random_state_says_the_same(scenes: Scenes) -> None:
    assert [caption(scenes, i, Random(i)) for i in range(50)] == [
        caption(scenes, i, Random(i)) for i in range(50)
    ]


@pytest.mark.parametrize("name", BANKS)
def test_kept_wordings_are_in_no_other(name: str) -> None:
    bank = BANKS[name]
    assert bank.train
    assert not set(bank.train) & set(bank.kept)


def test_training_never_says_what_is_kept(scenes: Scenes) -> None:
    for i, text in enumerate(said_of(scenes, "train")):
        thing, count = THINGS[scenes.things_BK[i, 0]], int(scenes.count_B[i])
        kept = list(thing.kept) if count == 1 else [plural_of(word) for word in thing.kept]
        kept += forms(list(wordings.ACTION[vocab.ACTIONS[scenes.action_B[i]]].kept))
        kept += wordings.WHERE[vocab.PLACES[scenes.place_B[i]]].kept
        kept += wordings.STYLE[vocab.STYLES[scenes.style_B[i]]].kept
        assert not says(text, kept), text


def test_held_out_captions_have_sentences_of_their_own() -> None:
    """Each has the mark of a kept sentence or phrase; no training caption has the mark of a kept sentence."""
    scenes = scenes_of(replace(LIVELY, n_things=64))  # a wristwatch may be called a watch
    sentences = r"watch|imagine|the setting is|i would like to see|look how|you will find|what happens:"
    marks = rf"{sentences}|seen|caught|which"
    assert all(re.search(rf"(?<!\w)({marks})(?!\w)", text.lower()) for text in said_of(scenes, "held-out"))
    assert not any(
        re.search(rf"(?<!\w)({sentences})(?!\w)", text.lower()) for text in said_of(scenes, "train")
    )


def test_held_out_captions_like_what_is_kept(scenes: Scenes) -> None:
    kept = 0
    for i, text in enumerate(said_of(scenes, "held-out")):
        place = vocab.PLACES[scenes.place_B[i]]
        kept += says(text, [*wordings.WHERE[place].kept, *bare([*wordings.SCENE[place].kept])])
    assert 0.3 < kept / COUNT < 0.7


def test_every_value_can_be_said() -> None:
    assert set(wordings.ACTION) == set(vocab.ACTIONS)
    assert set(wordings.WHERE) == set(wordings.SCENE) == set(vocab.PLACES)
    assert set(wordings.DAYTIME) == set(wordings.DAYTIME_TAG) == set(vocab.DAYTIMES)
    assert set(wordings.WEATHER) == set(wordings.WEATHER_TAG) == set(vocab.WEATHERS)
    assert set(wordings.CAMERA) == set(wordings.SHOT) == set(vocab.CAMERAS)
    assert set(wordings.STYLE) == set(wordings.STYLE_OF) == set(vocab.STYLES)
    assert set(wordings.COLOUR) == set(vocab.COLOURS[1:])
    assert set(wordings.SIZE) == set(vocab.SIZES)


@pytest.mark.parametrize(("split", "share"), [("train", 0.98), ("held-out", 0.92)])
def test_most_captions_are_short_enough_for_the_text_encoder(split: Split, share: float) -> None:
    texts = said_of(scenes_of(Mix()), split)
    assert sum(len(text) <= 120 for text in texts) >= share * len(texts)
