"""The default policy: a short list of what isn't made, found by whole words. Knows English, and no pictures.

It stops what is said plainly, and is no judge: other languages, allusions and new words get past it, and a
server for strangers should add a policy that understands more (accounts/policy.py). It is short so that it
stays out of the way of everything else; what it must let pass is in its tests. In the patterns a blank is any
run of blanks and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

_LEET = str.maketrans("013457@$", "oieastas")
_OTHERWISE = "If you meant something else, say it in other words."


def _words(*patterns: str) -> re.Pattern[str]:
    """One pattern that finds any of these as whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


# Taken out before anything is looked for.
_HARMLESS = _words(
    r"naked (?:flames?|eyes?|lights?|bulbs?|mole rats?|necks?|blades?|steel|singularity|gun|chef|truth)",
    r"naked (?:branch(?:es)?|trees?|twigs?|hills?|forests?|woods|rocks?|cliffs?|mountains?|earth|soil)",
    r"nude (?:colou?rs?|lipsticks?|nail polish|heels?|shoes?|tones?|palettes?|shades?)",
    r"topless (?:cars?|jeeps?|bus(?:es)?|towers?|trees?)",
    r"undressed (?:stones?|timber|salads?|dolls?)",
    r"(?:same|opposite|fair|fairer) sex",
    r"sex (?:and the city|education|ratios?|pistols|chromosomes?|of (?:the|a) (?:kitten|chick|baby))",
    r"(?:baby|kid) (?:goats?|elephants?|animals?)",
    r"\d+ years? old (?:whisk(?:e)?y|wine|rum|cheddar|trees?|oaks?|cars?|castles?)",
)

_EXPLICIT = _words(
    r"sex",
    r"sexual (?:intercourse|acts?|content)|sexually explicit",
    r"porn\w*|hentai|nsfw|rule 34|erotic(?:a|ally)?|bdsm|upskirt\w*|strip ?tease",
    r"orgasm\w*|masturbat\w*|fellatio|cunnilingus|gang ?bangs?|blow ?jobs?|handjobs?|deepthroat\w*|dildos?",
    r"(?:orgy|orgies)(?! of)|bestiality|zoophilia|necrophilia|incest(?:uous)?",
    r"cum ?shots?|covered in cum|cum (?:on|over|in) (?:her|his|their)",
    r"(?:his|her|hard|erect|big|huge) (?:cock|dick|penis)|suck(?:s|ing)? (?:\w+ )?(?:cock|dick)",
    r"(?:her|wet) pussy(?! ?(?:cat|willow|foot))",
    r"(?:bare|naked|exposed|nude) (?:breasts?|boobs?|tits|genitals|nipples?)",
    r"fuck(?:s|ed|ing)? (?:her|him|them|each other|a (?:wo)?man|a girl|a boy)|(?:being|gets?|getting) fucked",
)
_FORCED = _words(
    r"rapes|raped|raping|rapists?|rape (?:scenes?|victims?|fantas(?:y|ies))",
    r"sexual(?:ly)? (?:assault\w*|abus\w*)|molest(?:s|ed|ing|ation|ers?)?|forced sex|non ?consensual",
)
_BARE_WORDS = r"naked|nudes?|nudity|topless|undress(?:ed|es|ing)?|unclothed|without (?:any )?clothes"
_BARE = _words(_BARE_WORDS)
_SUGGESTIVE = _words(
    _BARE_WORDS, r"sexy|sexual(?:ly|i[sz]ed)?|seductive(?:ly)?|lustful(?:ly)?|lingerie|fetish"
)
_ART = _words(r"statues?|sculptures?|marble|bronze|frescos?|frescoes|renaissance|mannequins?|figurines?")

_MINORS = _words(
    r"child|children|kids?|toddlers?|infants?|bab(?:y|ies)|minors?|under ?aged?|pre ?teens?|tweens?|teens?",
    r"teenage(?:d|rs?)?|school ?(?:girls?|boys?|kids?|child|children)|(?:little|young) (?:girls?|boys?)",
    r"(?:[1-9]|1[0-7]) ?(?:years? old|yr old|y ?o)|(?:age|aged) (?:of )?(?:[1-9]|1[0-7])",
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) years? old",
    r"(?:thir|four|fif|six|seven)teen years? old",
)
_OF_MINORS = _words(
    r"lolis?|lolicon|shotas?|shotacon|csam|jail ?bait|kiddie porn|child porn\w*|pa?edophil\w*"
)

_PEOPLE_WORDS = (
    r"(?:wo)?m[ae]n|girls?|boys?|persons?|people|lad(?:y|ies)|guys?|couples?|models?|actors?|actress(?:es)?"
    r"|(?:girl|boy)friends?|wi(?:fe|ves)|husbands?|dancers?|he|she|they|him|her|them|bod(?:y|ies)|someone"
    r"|blondes?|brunettes?|redheads?|female|male|nurses?|teachers?|students?|mermaids?|elf|elves|humans?"
)
_BARE_PEOPLE = _words(
    rf"(?:{_BARE_WORDS}) (?:\w+ ){{0,3}}(?:{_PEOPLE_WORDS})",
    rf"(?:{_PEOPLE_WORDS}) (?:\w+ ){{0,3}}(?:{_BARE_WORDS})",
    r"(?:fully|completely|totally|stark|half) (?:naked|nude)|nude (?:photos?|pictures?|scenes?|selfies?)",
)
_REAL = _words(
    r"celebrit(?:y|ies)|deep ?fakes?|real (?:persons?|people|(?:wo)?m[ae]n)|(?:pop|film|movie) stars?",
    r"influencers?|politicians?|presidents?|first lady|prime minister|princess(?:es)?",
    r"my (?:ex|boss|teacher|neighbou?r|classmate|co ?worker|colleague|crush|sister|brother|mother|friend)",
)
_UNDRESS = _words(
    r"nudif(?:y|ies|ied|ier)|undress (?:her|him|them|this|the)",
    r"(?:remov(?:e|es|ing)|tak(?:e|es|ing) off) (?:her|his|their|all|the \w+) (?:\w+ )?(?:clothes|clothing)",
    r"(?:make|turn) (?:her|him|them|this \w+) (?:naked|nude|topless)",
    r"(?:her|his|their|face) (?:onto|on) (?:an? )?(?:naked|nude) \w+",
)
# A first name and a last one, by their capitals, beside nakedness.
_BARE_ANY_CASE, _NAME = rf"(?i:{_BARE_WORDS})", r"[A-Z][a-z]+(?: [A-Z][a-z]+){1,2}"
_BARE_NAMED = re.compile(
    rf"\b(?:{_BARE_ANY_CASE} (?:\w+ ){{0,2}}{_NAME}|{_NAME} (?:\w+ ){{0,3}}{_BARE_ANY_CASE})\b"
)

_GORE = _words(
    r"gory|(?:graphic|extreme|realistic|bloody|brutal) gore|blood and gore|gore ?(?:porn|fest|video)",
    r"snuff (?:film|movie|video)s?|disembowel\w*|eviscerat\w*|dismember\w*|decapitat\w*",
    r"behead(?:s|ed|ings?)?|mutilat\w*|(?:flayed|skinned|skinning) alive|being tortured|tortured to death",
    r"(?:guts|intestines|entrails) (?:\w+ )?(?:spill\w*|hang\w*)",
)
_WEAPONS = r"bombs?|explosives?|grenades?|nerve (?:agents?|gas)|sarin|ricin|meth|molotov\w*|ghost guns?"
_HARM = _words(
    rf"how to (?:make|build|cook|assemble|plant|set off) (?:an? |the )?(?:\w+ )?(?:{_WEAPONS})",
    r"how to (?:kill|hang|poison|stab|cut) (?:myself|yourself|someone|somebody|people|a person|my \w+)",
    r"suicide (?:methods?|instructions?|tutorials?)|self ?harm tutorials?|(?:isis|nazi|terrorist) propaganda",
)


class WordList:
    """Says no to sexual content (above all with minors, by force, or of real people), gore and harm."""

    def check(self, prompt: str, pictures: Sequence[Path] = ()) -> str | None:
        """Why this isn't made, or None. Pictures aren't looked at."""
        text = plain(prompt)
        explicit, bare = _EXPLICIT.search(text), _BARE.search(text) and not _ART.search(text)
        if _OF_MINORS.search(text) or (_MINORS.search(text) and (explicit or _SUGGESTIVE.search(text))):
            return f"Nothing sexual or naked is made in which there are children or teenagers. {_OTHERWISE}"
        if _FORCED.search(text):
            return f"No sexual violence is made here. {_OTHERWISE}"
        if _UNDRESS.search(text) or (_REAL.search(text) and (explicit or bare)):
            return f"Real people aren't shown naked or in sexual scenes. {_OTHERWISE}"
        if bare and _BARE_NAMED.search(text):
            return f"Real people aren't shown naked or in sexual scenes. {_OTHERWISE}"
        if explicit or (bare and _BARE_PEOPLE.search(text)):
            return f"No sexual content and no naked people are made here. {_OTHERWISE}"
        if _GORE.search(text):
            return f"No gore is made here; a fight or a wound may be shown without it. {_OTHERWISE}"
        if _HARM.search(text):
            return f"Nothing is made here that teaches or praises how to harm people. {_OTHERWISE}"
        return None


# Single letters with the same sign or blank between them, four or more: p-o-r-n.
_SPACED = re.compile(r"(?<!\w)[^\W_](?=([\W_])[^\W_](?!\w))(?:\1[^\W_](?!\w)){3,}")


def plain(prompt: str) -> str:
    """The prompt as words with single blanks, and after them its disguised words as they are meant.

    Wide and styled letters become plain ones, accents and invisible characters go (NFKC), digits in the midst
    of letters are read as letters (s3x), and s-p-a-c-e-d letters are joined. Capitals stay, for names.
    """
    spread = unicodedata.normalize("NFKD", prompt)
    visible = "".join(letter for letter in spread if unicodedata.category(letter) not in ("Cf", "Mn", "Me"))
    text = unicodedata.normalize("NFKC", visible)
    meant = " ".join(token.translate(_LEET) for token in text.split() if _disguised(token))
    words, meant = (" ".join(re.findall(r"[^\W_]+", each)) for each in (text, meant))
    joined = " ".join("".join(re.findall(r"\w", run[0])) for run in _SPACED.finditer(text))
    # The stops keep a phrase from reaching from one part into the next.
    return " . ".join(_HARMLESS.sub(".", each) for each in (words, meant, joined) if each)


def _disguised(token: str) -> bool:
    letters = token.strip("@$")  # a handle or a price is no disguise
    return any(letter.isalpha() for letter in letters) and any(letter in "013457@$" for letter in letters)
