"""The things that can appear in the toy world: what each is called and where its picture is.

The order is part of every trained weight's meaning: new things go at the end. The first 64 are the small
model's set and differ from one another as much as possible, in looks and in meaning, even at 24 pixels.
This file knows no pixels (sprites.py) and no sentences (captions.py).

Names and synonyms were chosen by hand with the English annotations of the Unicode CLDR (version 48.2) as a
source of ideas; see NOTICE for its licence. The file is longer than most because it is a table.
"""

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

Faces = Literal["left", "right", "front"]
Kind = Literal[
    "animal", "bird", "fish", "insect", "vehicle", "boat", "aircraft", "ball", "food", "plant", "object"
]


@dataclass(frozen=True)
class Thing:
    """One kind of thing: its words and what the scene must know to move it.

    `codepoint` names the picture file, such as "1f98a" or "1f415-200d-1f9ba". `synonyms` may be used in any
    caption, `kept` only in held-out ones. `faces` is where the unmirrored picture looks. `round` things roll.
    """

    name: str
    plural: str
    codepoint: str
    kind: Kind
    faces: Faces
    round: bool
    synonyms: tuple[str, ...]
    kept: tuple[str, ...]


_IRREGULAR = {
    "mouse": "mice",
    "goose": "geese",
    "wolf": "wolves",
    "leaf": "leaves",
    "knife": "knives",
    "scarf": "scarves",
    "loaf": "loaves",
    "calf": "calves",
    "snowman": "snowmen",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "mango": "mangoes",
    "mosquito": "mosquitoes",
    "half": "halves",
    "buffalo": "buffaloes",
    "volcano": "volcanoes",
    "ox": "oxen",
    "cactus": "cacti",
    "die": "dice",
    "tooth": "teeth",
}
_UNCHANGED = frozenset(
    ("sheep", "deer", "bison", "moose", "squid", "shrimp", "aircraft", "spacecraft", "rotorcraft")
)


def plural_of(noun: str) -> str:
    """The plural of an English noun phrase: "fox" -> "foxes", "piece of cake" -> "pieces of cake"."""
    head = re.split(r" (?:of|with|in|for|on)\b", noun, maxsplit=1)[0]
    before, space, last = head.rpartition(" ")
    return before + space + _plural_word(last) + noun[len(head) :]


def _plural_word(word: str) -> str:
    if word.endswith("fish") or word in _UNCHANGED:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


# name | picture | kind | faces, "o" = round | synonyms | synonyms kept for held-out captions
_TABLE = """
fox | 1f98a | animal | front | red fox, wild fox | vixen
cat | 1f408-200d-2b1b | animal | left | black cat, kitten | kitty
dog | 1f415 | animal | left | puppy, hound | doggy
duck | 1f986 | bird | left | wild duck, drake | mallard
frog | 1f438 | animal | front | green frog, toad | bullfrog
tiger | 1f405 | animal | left | wild tiger, striped tiger | tigress
elephant | 1f418 | animal | left | grey elephant | african elephant
penguin | 1f427 | bird | front | emperor penguin | antarctic bird
whale | 1f433 | fish | left | blue whale, spouting whale | humpback
fish | 1f420 | fish | left | tropical fish, aquarium fish | angelfish
octopus | 1f419 | fish | front | orange octopus, sea octopus | eight-armed octopus
butterfly | 1f98b | insect | front | red butterfly, colourful butterfly | monarch butterfly
snail | 1f40c | animal | left | garden snail, brown snail | escargot
crab | 1f980 | fish | front | red crab, sea crab | crustacean
turtle | 1f422 | animal | left | tortoise, green turtle | terrapin
horse | 1f40e | animal | left | pony, brown horse | stallion
pig | 1f416 | animal | left | piglet, pink pig | hog
cow | 1f404 | animal | left | dairy cow, spotted cow | heifer
rabbit | 1f407 | animal | left | bunny, hare | bunny rabbit
owl | 1f989 | bird | front | brown owl, night owl | barn owl
bee | 1f41d | insect | left | honeybee, striped bee | bumblebee
flamingo | 1f9a9 | bird | left | pink flamingo, wading bird | long-legged flamingo
dinosaur | 1f996 | animal | left | t-rex, green dinosaur | tyrannosaurus
car | 1f697 | vehicle | left | red car, automobile | motor car
bus | 1f68c | vehicle | left | city bus, yellow bus | coach
bicycle | 1f6b2 | vehicle | left | bike, red bicycle | pushbike
rocket | 1f680 | aircraft | right | spaceship, space rocket | spacecraft
aeroplane | 2708-fe0f | aircraft | right | airplane, plane, jet | airliner
sailing boat | 26f5 | boat | left | sailboat, yacht | dinghy
steam train | 1f682 | vehicle | left | locomotive, train, steam engine | railway engine
tractor | 1f69c | vehicle | left | green tractor, farm tractor | farm vehicle
helicopter | 1f681 | aircraft | left | orange helicopter, chopper | rotorcraft
flying saucer | 1f6f8 | aircraft | front | ufo, alien spaceship | unidentified flying object
football | 26bd | ball | front o | soccer ball, blue and white ball | leather football
basketball | 1f3c0 | ball | front o | orange basketball, orange ball | basket ball
apple | 1f34e | food | front o | red apple, ripe apple | juicy apple
banana | 1f34c | food | front | yellow banana, peeled banana | ripe banana
pumpkin | 1f383 | food | front o | jack-o'-lantern, halloween pumpkin | carved pumpkin
strawberry | 1f353 | food | front | red strawberry, sweet strawberry | ripe strawberry
watermelon | 1f349 | food | front | slice of watermelon, piece of watermelon | watermelon slice
pizza | 1f355 | food | front | slice of pizza, piece of pizza | pizza slice
ice cream | 1f366 | food | front | ice-cream cone, soft ice cream | cone of ice cream
cake | 1f382 | food | front | birthday cake, cake with candles | party cake
doughnut | 1f369 | food | front o | donut, glazed doughnut | iced doughnut
mushroom | 1f344 | plant | front | toadstool, red mushroom | fungus
cactus | 1f335 | plant | front | green cactus, saguaro | prickly cactus
tree | 1f333 | plant | front | leafy tree, green tree | oak
sunflower | 1f33b | plant | front | yellow flower, flower | sunflower in bloom
house | 1f3e0 | object | front | home, family house | cottage
castle | 1f3f0 | object | front | palace, fairy-tale castle | fortress
umbrella | 2602-fe0f | object | front | open umbrella, purple umbrella | parasol
teapot | 1fad6 | object | left | tea pot, kettle | pot for tea
guitar | 1f3b8 | object | front | electric guitar, red guitar | rock guitar
drum | 1f941 | object | front | drum with drumsticks, red drum | snare drum
robot | 1f916 | object | front | android, toy robot | droid
ghost | 1f47b | object | front | white ghost, friendly ghost | phantom
snowman | 26c4 | object | front | snowman with a hat, snowman with a scarf | frosty snowman
teddy bear | 1f9f8 | object | front | teddy, toy bear | cuddly bear
gift | 1f381 | object | front | present, wrapped present | gift box
balloon | 1f388 | object | front | red balloon, party balloon | toy balloon
star | 2b50 | object | front | yellow star, golden star | five-pointed star
crown | 1f451 | object | front | golden crown, king's crown | royal crown
top hat | 1f3a9 | object | front | hat, black hat | magician's hat
key | 1f511 | object | front | golden key, yellow key | door key
lion | 1f981 | animal | front | wild lion, male lion | maned cat
panda | 1f43c | animal | front | panda bear, black and white bear | bamboo bear
bear | 1f43b | animal | front | brown bear, grizzly bear | grizzly
polar bear | 1f43b-200d-2744-fe0f | animal | front | white bear, ice bear | arctic bear
koala | 1f428 | animal | front | grey koala, koala bear | australian koala
wolf | 1f43a | animal | front | grey wolf, wild wolf | timber wolf
raccoon | 1f99d | animal | front | racoon, masked raccoon | ring-tailed raccoon
hamster | 1f439 | animal | front | pet hamster, brown hamster | furry hamster
monkey | 1f412 | animal | front | brown monkey, ape | chimpanzee
gorilla | 1f98d | animal | left | black gorilla, silverback | great ape
orangutan | 1f9a7 | animal | front | orange ape, orang-utan | red ape
sloth | 1f9a5 | animal | front | sloth on a branch, lazy sloth | two-toed sloth
leopard | 1f406 | animal | left | spotted leopard, cheetah | jaguar
zebra | 1f993 | animal | left | striped zebra, wild zebra | black and white striped horse
giraffe | 1f992 | animal | left | spotted giraffe, long-necked giraffe | animal with a long neck
rhinoceros | 1f98f | animal | left | rhino, grey rhino | horned rhinoceros
hippopotamus | 1f99b | animal | left | hippo, grey hippo | river horse
mammoth | 1f9a3 | animal | left | woolly mammoth, brown mammoth | ice-age elephant
camel | 1f42b | animal | left | two-humped camel, desert camel | bactrian camel
dromedary | 1f42a | animal | left | one-humped camel, arabian camel | racing camel
llama | 1f999 | animal | left | white llama, alpaca | woolly llama
kangaroo | 1f998 | animal | left | australian kangaroo, roo | wallaby
deer | 1f98c | animal | left | stag, brown deer | reindeer
moose | 1face | animal | left | elk, moose head | antlered moose
donkey | 1facf | animal | left | grey donkey, mule | burro
bison | 1f9ac | animal | left | american bison, brown bison | wild bison
ox | 1f402 | animal | left | bull, brown ox | bullock
water buffalo | 1f403 | animal | left | buffalo, grey buffalo | asian buffalo
ram | 1f40f | animal | left | horned sheep, male sheep | bighorn
sheep | 1f411 | animal | left | ewe, white sheep, lamb | woolly sheep
goat | 1f410 | animal | left | billy goat, brown goat | mountain goat
poodle | 1f429 | animal | left | grey poodle, fluffy dog | groomed poodle
boar | 1f417 | animal | left | wild boar, wild pig | tusked boar
mouse | 1f401 | animal | left | grey mouse, field mouse | house mouse
rat | 1f400 | animal | left | dark rat, sewer rat | rodent
squirrel | 1f43f-fe0f | animal | left | chipmunk, brown squirrel | tree squirrel
hedgehog | 1f994 | animal | left | spiky hedgehog, brown hedgehog | prickly hedgehog
badger | 1f9a1 | animal | left | grey badger, striped badger | honey badger
skunk | 1f9a8 | animal | left | black and white skunk, striped skunk | polecat
otter | 1f9a6 | animal | left | sea otter, river otter | brown otter
beaver | 1f9ab | animal | left | brown beaver, wild beaver | dam-building beaver
seal | 1f9ad | animal | left | grey seal, sea lion | harbour seal
bat | 1f987 | animal | front | brown bat, flying bat | fruit bat
crocodile | 1f40a | animal | left | alligator, green crocodile | caiman
lizard | 1f98e | animal | front | green lizard, gecko | salamander
snake | 1f40d | animal | left | green snake, serpent | viper
dragon | 1f409 | animal | left | green dragon, chinese dragon | fire-breathing dragon
long-necked dinosaur | 1f995 | animal | left | brontosaurus, sauropod | diplodocus
unicorn | 1f984 | animal | left | unicorn head, magic unicorn | horse with a horn
bird | 1f426 | bird | left | red bird, songbird | cardinal
crow | 1f426-200d-2b1b | bird | left | black bird, raven | rook
eagle | 1f985 | bird | left | brown eagle, bird of prey | bald eagle
dove | 1f54a-fe0f | bird | left | white dove, pigeon | dove of peace
parrot | 1f99c | bird | left | red parrot, macaw | talking parrot
peacock | 1f99a | bird | front | blue peacock, peafowl | peacock with a fanned tail
swan | 1f9a2 | bird | left | white swan, mute swan | cygnet
goose | 1fabf | bird | left | brown goose, wild goose | gander
turkey | 1f983 | bird | front | brown turkey, turkey bird | gobbler
rooster | 1f413 | bird | left | cock, farm rooster | cockerel
chicken | 1f414 | bird | front | hen, white chicken | laying hen
chick | 1f424 | bird | left | baby chick, yellow chick | baby bird
hatching chick | 1f423 | bird | front | chick in an egg, chick in a shell | newly hatched bird
dodo | 1f9a4 | bird | left | dodo bird, grey dodo | extinct bird
shark | 1f988 | fish | left | grey shark, white shark | hammerhead
dolphin | 1f42c | fish | left | blue dolphin, bottlenose dolphin | porpoise
sea fish | 1f41f | fish | left | swimming fish, blue fish | herring
blowfish | 1f421 | fish | left | pufferfish, spiky fish | puffer
squid | 1f991 | fish | front | pink squid, sea squid | ten-armed squid
jellyfish | 1fabc | fish | front | blue jellyfish, medusa | sea jelly
lobster | 1f99e | fish | front | red lobster, crayfish | crawfish
shrimp | 1f990 | fish | left | prawn, orange shrimp | king prawn
oyster | 1f9aa | fish | front | oyster with a pearl, open oyster | pearl oyster
seashell | 1f41a | object | left | spiral shell, conch | sea snail shell
coral | 1fab8 | plant | front | orange coral, sea coral | branching coral
ladybird | 1f41e | insect | front | ladybug, spotted beetle | lady beetle
ant | 1f41c | insect | left | black ant, worker ant | emmet
spider | 1f577-fe0f | insect | front | black spider, eight-legged spider | tarantula
scorpion | 1f982 | insect | front | brown scorpion, desert scorpion | stinging scorpion
caterpillar | 1f41b | insect | left | green caterpillar, bug | inchworm
worm | 1fab1 | insect | left | pink worm, earthworm | wriggly worm
cricket | 1f997 | insect | left | grasshopper, green insect | locust
mosquito | 1f99f | insect | left | gnat, biting insect | midge
fly | 1fab0 | insect | front | housefly, black fly | bluebottle
beetle | 1fab2 | insect | front | green beetle, shiny beetle | scarab
taxi | 1f695 | vehicle | left | cab, yellow taxi | taxicab
police car | 1f693 | vehicle | left | patrol car, cop car | squad car
ambulance | 1f691 | vehicle | left | emergency vehicle, white ambulance | hospital van
fire engine | 1f692 | vehicle | left | fire truck, red fire engine | firetruck
delivery van | 1f69a | vehicle | left | delivery truck, yellow truck | removal van
lorry | 1f69b | vehicle | left | truck, articulated lorry | semi-trailer
pickup truck | 1f6fb | vehicle | left | pickup, red pickup | farm pickup
off-road car | 1f699 | vehicle | left | jeep, suv | four-by-four
racing car | 1f3ce-fe0f | vehicle | left | race car, red racing car | formula one car
motorcycle | 1f3cd-fe0f | vehicle | left | motorbike, red motorcycle | sports bike
motor scooter | 1f6f5 | vehicle | left | moped, red scooter | vespa
kick scooter | 1f6f4 | vehicle | left | push scooter, scooter | foot scooter
rickshaw | 1f6fa | vehicle | left | auto rickshaw, tuk-tuk | three-wheeled taxi
skateboard | 1f6f9 | vehicle | front | skate board, wheeled board | longboard
roller skate | 1f6fc | vehicle | right | rollerskate, pink roller skate | quad skate
sledge | 1f6f7 | vehicle | left | sled, wooden sledge | toboggan
trolleybus | 1f68e | vehicle | left | trolley bus, electric bus | city trolleybus
minibus | 1f690 | vehicle | left | van, white minibus | people carrier
tram | 1f68b | vehicle | left | tram car, streetcar | trolley car
bullet train | 1f685 | vehicle | left | high-speed train, express train | shinkansen
metro train | 1f687 | vehicle | front | underground train, subway train | tube train
railway carriage | 1f683 | vehicle | left | train carriage, railway car | passenger carriage
cable car | 1f6a1 | vehicle | front | aerial tram, gondola lift | ropeway cabin
ship | 1f6a2 | boat | left | steamship, ocean ship | steamer
cruise ship | 1f6f3-fe0f | boat | left | passenger ship, white ship | ocean liner
ferry | 26f4-fe0f | boat | left | ferry boat, white ferry | car ferry
speedboat | 1f6a4 | boat | left | fast boat, racing boat | powerboat
motor boat | 1f6e5-fe0f | boat | left | motorboat, red and white boat | cabin cruiser
canoe | 1f6f6 | boat | left | rowing boat, wooden boat | kayak
propeller plane | 1f6e9-fe0f | aircraft | left | sports plane, light aircraft | two-seater plane
satellite | 1f6f0-fe0f | aircraft | front | space satellite, satellite with solar panels | orbiting satellite
parachute | 1fa82 | aircraft | front | colourful parachute, skydiving parachute | paraglider
kite | 1fa81 | aircraft | front | colourful kite, paper kite | flying kite
baseball | 26be | ball | front o | white baseball, base ball | hardball
softball | 1f94e | ball | front o | yellow ball, yellow softball | bright softball
volleyball | 1f3d0 | ball | front o | volley ball, white ball | beach volleyball
american football | 1f3c8 | ball | front o | brown football, gridiron ball | pigskin
rugby ball | 1f3c9 | ball | front o | orange rugby ball, rugby football | oval ball
eight ball | 1f3b1 | ball | front o | pool ball, billiard ball | snooker ball
mirror ball | 1faa9 | ball | front o | disco ball, silver ball | glitter ball
yo-yo | 1fa80 | ball | front o | purple yo-yo, toy yo-yo | spinning yo-yo
ball of yarn | 1f9f6 | ball | front o | ball of wool, yarn | skein of wool
granny smith apple | 1f34f | food | front o | green apple, sour apple | unripe apple
pear | 1f350 | food | front | green pear, ripe pear | juicy pear
tangerine | 1f34a | food | front o | orange, mandarin | clementine
lemon | 1f34b | food | front o | yellow lemon, sour lemon | citrus fruit
melon | 1f348 | food | front o | green melon, honeydew | cantaloupe
bunch of grapes | 1f347 | food | front | bunch of purple grapes, bunch of wine grapes | cluster of grapes
pineapple | 1f34d | food | front | yellow pineapple, ripe pineapple | tropical pineapple
mango | 1f96d | food | front o | ripe mango, tropical mango | alphonso mango
peach | 1f351 | food | front o | ripe peach, juicy peach | nectarine
pair of cherries | 1f352 | food | front | bunch of cherries, pair of red cherries | pair of sour cherries
bunch of blueberries | 1fad0 | food | front | handful of blueberries | bunch of bilberries
kiwi | 1f95d | food | front o | kiwi fruit, green kiwi | half of a kiwi
coconut | 1f965 | food | front o | open coconut, half of a coconut | tropical nut
avocado | 1f951 | food | front | green avocado, half of an avocado | avocado pear
tomato | 1f345 | food | front o | red tomato, ripe tomato | beef tomato
aubergine | 1f346 | food | front | eggplant, purple aubergine | brinjal
carrot | 1f955 | food | front | orange carrot, fresh carrot | root vegetable
ear of corn | 1f33d | food | front | corn cob, cob of yellow corn | ear of maize
chilli pepper | 1f336-fe0f | food | front | hot pepper, red chilli | cayenne pepper
bell pepper | 1fad1 | food | front | green pepper, green bell pepper | capsicum
cucumber | 1f952 | food | front | green cucumber, fresh cucumber | gherkin
piece of broccoli | 1f966 | food | front | head of broccoli, piece of green broccoli | broccoli floret
head of lettuce | 1f96c | food | front | cabbage, head of green lettuce | head of salad
bulb of garlic | 1f9c4 | food | front | head of garlic, bulb of white garlic | garlic bulb
onion | 1f9c5 | food | front o | brown onion, golden onion | cooking onion
potato | 1f954 | food | front o | brown potato, raw potato | spud
chestnut | 1f330 | food | front o | brown chestnut, sweet chestnut | conker
peanut | 1f95c | food | front | groundnut, peanut in the shell | monkey nut
pea pod | 1fadb | food | front | green pea pod, pod of peas | pea in a pod
olive | 1fad2 | food | front o | green olive, stuffed olive | pitted olive
loaf of bread | 1f35e | food | front | brown loaf, sandwich loaf | tin loaf
croissant | 1f950 | food | front | french croissant, buttery croissant | crescent roll
baguette | 1f956 | food | front | french bread, stick of bread | french stick
pretzel | 1f968 | food | front | brown pretzel, salted pretzel | soft pretzel
bagel | 1f96f | food | front o | sesame bagel, bread ring | ring of bread
stack of pancakes | 1f95e | food | front | pancake stack, stack of pancakes with butter | pile of pancakes
waffle | 1f9c7 | food | front | waffle with butter, golden waffle | belgian waffle
piece of cheese | 1f9c0 | food | front | slice of cheese, piece of yellow cheese | wedge of cheese
stick of butter | 1f9c8 | food | front | piece of butter, pat of butter | block of butter
egg | 1f95a | food | front o | brown egg, chicken egg | hen's egg
fried egg | 1f373 | food | front | egg in a frying pan, frying pan | sunny-side-up egg
hamburger | 1f354 | food | front | burger, cheeseburger | beefburger
box of french fries | 1f35f | food | front | box of fries, packet of french fries | box of chips
hot dog | 1f32d | food | front | hotdog, sausage in a bun | frankfurter
taco | 1f32e | food | front | mexican taco, filled taco | taco shell
burrito | 1f32f | food | front | wrap, mexican burrito | rolled tortilla
sandwich | 1f96a | food | front | cheese sandwich, club sandwich | toasted sandwich
piece of meat | 1f356 | food | front | piece of meat on a bone, piece of roast meat | roast joint
chicken leg | 1f357 | food | front | drumstick, chicken drumstick | turkey leg
piece of sushi | 1f363 | food | front | sushi roll, piece of salmon sushi | nigiri
rice ball | 1f359 | food | front | onigiri, rice triangle | japanese rice ball
bowl of noodles | 1f35c | food | front | noodle soup, bowl of ramen | bowl of pho
plate of spaghetti | 1f35d | food | front | dish of spaghetti, plate of noodles | plate of pasta
dumpling | 1f95f | food | front | gyoza, steamed dumpling | potsticker
salad | 1f957 | food | front | bowl of salad, green salad | mixed salad
box of popcorn | 1f37f | food | front | bucket of popcorn, bag of popcorn | tub of popcorn
cookie | 1f36a | food | front o | biscuit, chocolate chip cookie | choc-chip biscuit
chocolate bar | 1f36b | food | front | bar of chocolate, piece of chocolate | block of chocolate
sweet | 1f36c | food | front | candy, wrapped candy | bonbon
lollipop | 1f36d | food | front | colourful lollipop, swirly lollipop | candy on a stick
pudding | 1f36e | food | front | custard, caramel pudding | flan
honey pot | 1f36f | food | front | pot of honey, jar of honey | honey jar
slice of cake | 1f370 | food | front | piece of cake, shortcake | strawberry shortcake
cupcake | 1f9c1 | food | front | pink cupcake, frosted cupcake | fairy cake
pie | 1f967 | food | front | apple pie, baked pie | fruit pie
sundae | 1f368 | food | front | bowl of ice cream, ice-cream sundae | dish of ice cream
snow cone | 1f367 | food | front | cone of shaved ice, cup of shaved ice | cup of crushed ice
cup of coffee | 2615 | food | front | coffee, mug of coffee | hot drink
bubble tea | 1f9cb | food | front | boba tea, milk tea | pearl tea
glass of milk | 1f95b | food | front | cup of milk, glass of white milk | tumbler of milk
soft drink | 1f964 | food | front | cup with a straw, soda | paper cup with a straw
juice box | 1f9c3 | food | front | carton of juice, apple juice | drinks carton
cocktail | 1f379 | food | front | tropical drink, fruit cocktail | summer drink
ice cube | 1f9ca | object | front | block of ice, cube of ice | frozen cube
palm tree | 1f334 | plant | front | palm, tropical tree | coconut palm
fir tree | 1f332 | plant | front | pine tree, evergreen tree | spruce
christmas tree | 1f384 | plant | front | decorated tree, tree with lights | xmas tree
potted plant | 1fab4 | plant | front | pot plant, house plant | plant in a pot
seedling | 1f331 | plant | front | sprout, green sprout | sapling
tulip | 1f337 | plant | front | pink tulip, spring tulip | dutch tulip
rose | 1f339 | plant | front | red rose, garden rose | long-stemmed rose
cherry blossom | 1f338 | plant | front | pink blossom, pink flower | sakura
hibiscus | 1f33a | plant | front | pink hibiscus, tropical flower | hawaiian flower
daisy | 1f33c | plant | front | white flower, white daisy | marguerite
lotus | 1fab7 | plant | front | lotus flower, pink lotus | water lily
hyacinth | 1fabb | plant | front | purple hyacinth, purple flower | lavender
bouquet | 1f490 | plant | front | bunch of flowers, bouquet of flowers | posy
clover | 1f340 | plant | front | four-leaf clover, lucky clover | shamrock
maple leaf | 1f341 | plant | front | red leaf, autumn leaf | canadian leaf
tree stump | 1fab5 | object | front | log, wooden log | tree trunk
rock | 1faa8 | object | front o | stone, grey rock | boulder
feather | 1fab6 | object | front | brown feather, bird feather | plume
volcano | 1f30b | object | front | erupting volcano, fiery mountain | mountain of fire
mountain | 1f3d4-fe0f | object | front | snowy mountain, mountain peak | alp
hut | 1f6d6 | object | front | straw hut, thatched hut | mud hut
tent | 26fa | object | front | camping tent, green tent | two-person tent
church | 26ea | object | front | chapel, village church | parish church
factory | 1f3ed | object | front | factory with chimneys, grey factory | industrial plant
skyscraper | 1f3e2 | object | front | office building, tower block | high-rise
school | 1f3eb | object | front | school building, yellow school | schoolhouse
hospital | 1f3e5 | object | front | hospital building, white hospital | medical centre
temple | 1f3db-fe0f | object | front | greek temple, building with columns | classical building
circus tent | 1f3aa | object | front | striped tent, red and white tent | circus marquee
ferris wheel | 1f3a1 | object | front o | observation wheel, fairground wheel | carnival wheel
carousel horse | 1f3a0 | object | left | merry-go-round horse, fairground horse | wooden horse
fountain | 26f2 | object | front | water fountain, stone fountain | park fountain
moai | 1f5ff | object | left | stone head, easter island statue | stone statue
traffic light | 1f6a6 | object | front | stop light, set of traffic lights | traffic signal
wheel | 1f6de | object | front o | wooden wheel, wagon wheel | cartwheel
lifebuoy | 1f6df | object | front o | life ring, ring buoy | rescue ring
anchor | 2693 | object | front | blue anchor, ship's anchor | boat anchor
crescent moon | 1f319 | object | front | moon, yellow moon | half-moon
full moon | 1f315 | object | front o | round moon, yellow moon disc | lunar disc
globe | 1f30d | object | front o | planet earth, world globe | terrestrial globe
ringed planet | 1fa90 | object | front o | saturn, planet with rings | planet with a ring
sun | 2600-fe0f | object | front o | yellow sun, bright sun | sun with rays
cloud | 2601-fe0f | object | front | white cloud, fluffy cloud | cumulus
rainbow | 1f308 | object | front | colourful rainbow, curved rainbow | arc of colours
snowflake | 2744-fe0f | object | front | blue snowflake, ice crystal | flake of snow
comet | 2604-fe0f | object | left | meteor, fireball | meteorite
fire | 1f525 | object | front | flame, orange flame | blaze
water drop | 1f4a7 | object | front | drop of water, droplet | raindrop
alarm clock | 23f0 | object | front | clock, red clock | ringing clock
mantelpiece clock | 1f570-fe0f | object | front | wooden clock, antique clock | old-fashioned clock
wristwatch | 231a | object | front | watch, blue watch | timepiece
hourglass | 231b | object | front | sandglass, sand timer | egg timer
light bulb | 1f4a1 | object | front | lightbulb, glowing bulb | electric bulb
candle | 1f56f-fe0f | object | front | burning candle, wax candle | lit candle
torch | 1f526 | object | front | flashlight, electric torch | pocket lamp
paper lantern | 1f3ee | object | front | red lantern, chinese lantern | hanging lantern
book | 1f4d5 | object | front | red book, closed book | hardback
open book | 1f4d6 | object | front | book with open pages, story book | opened book
pencil | 270f-fe0f | object | front | orange pencil, drawing pencil | lead pencil
crayon | 1f58d-fe0f | object | front | green crayon, wax crayon | colouring crayon
paintbrush | 1f58c-fe0f | object | front | brush, artist's brush | painter's brush
palette | 1f3a8 | object | front | paint palette, painter's palette | artist's palette
pair of scissors | 2702-fe0f | object | front | pair of red scissors, paper cutter | pair of shears
pushpin | 1f4cc | object | front | red pin, drawing pin | thumbtack
magnet | 1f9f2 | object | front | horseshoe magnet, red magnet | u-shaped magnet
hammer | 1f528 | object | front | tool hammer, claw hammer | mallet
axe | 1fa93 | object | front | hatchet, red axe | chopper axe
saw | 1fa9a | object | front | hand saw, carpenter's saw | wood saw
spanner | 1f527 | object | front | wrench, steel spanner | adjustable wrench
screwdriver | 1fa9b | object | front | red screwdriver, tool with a red grip | turnscrew
gear | 2699-fe0f | object | front o | cog, gearwheel | cogwheel
ladder | 1fa9c | object | front | wooden ladder, step ladder | stepladder
bucket | 1faa3 | object | front | pail, blue bucket | water bucket
broom | 1f9f9 | object | front | broomstick, sweeping broom | besom
basket | 1f9fa | object | front | wicker basket, woven basket | picnic basket
plunger | 1faa0 | object | front | red plunger, toilet plunger | rubber plunger
toothbrush | 1faa5 | object | front | pink toothbrush, tooth brush | brush for teeth
bar of soap | 1f9fc | object | front | piece of soap, bar of pink soap | cake of soap
chair | 1fa91 | object | front | wooden chair, kitchen chair | dining chair
door | 1f6aa | object | front | wooden door, brown door | front door
window | 1fa9f | object | front | window frame, glass window | casement
mirror | 1fa9e | object | front | golden mirror, wall mirror | looking glass
bathtub | 1f6c1 | object | front | bath, bubble bath | tub
shopping trolley | 1f6d2 | object | left | shopping cart, supermarket trolley | grocery cart
suitcase | 1f9f3 | object | front | luggage, blue suitcase | travel case
briefcase | 1f4bc | object | front | brown briefcase, office bag | attache case
backpack | 1f392 | object | front | rucksack, red backpack | schoolbag
handbag | 1f45c | object | front | purse, brown handbag | ladies' bag
parcel | 1f4e6 | object | front | package, cardboard box | postal packet
envelope | 2709-fe0f | object | front | letter, white envelope | sealed letter
telephone | 260e-fe0f | object | front | red telephone, old phone | landline phone
laptop | 1f4bb | object | front | notebook computer, computer | portable computer
television | 1f4fa | object | front | tv, television set | telly
radio | 1f4fb | object | front | old radio, portable radio | transistor radio
camera | 1f4f7 | object | front | photo camera, grey camera | photographic camera
film camera | 1f3a5 | object | right | movie camera, cinema camera | cine camera
microphone | 1f3a4 | object | front | mic, singer's microphone | karaoke mic
pair of headphones | 1f3a7 | object | front | pair of earphones, headphone | headset
game controller | 1f3ae | object | front | gamepad, joypad | video game pad
joystick | 1f579-fe0f | object | front | arcade joystick, red joystick | control stick
die | 1f3b2 | object | front | game die, white die | playing die
puzzle piece | 1f9e9 | object | front | jigsaw piece, green puzzle piece | piece of a jigsaw
trumpet | 1f3ba | object | right | golden trumpet, brass trumpet | cornet
saxophone | 1f3b7 | object | front | sax, golden saxophone | tenor sax
violin | 1f3bb | object | front | fiddle, brown violin | viola
accordion | 1fa97 | object | front | squeezebox, red accordion | concertina
banjo | 1fa95 | object | front | folk banjo, round banjo | five-string banjo
bell | 1f514 | object | front | golden bell, yellow bell | brass bell
trophy | 1f3c6 | object | front | golden cup, winner's cup | prize cup
medal | 1f3c5 | object | front | gold medal, sports medal | award
diamond | 1f48e | object | front | gem, blue gem | jewel
ring | 1f48d | object | front o | diamond ring, silver ring | engagement ring
coin | 1fa99 | object | front o | gold coin, golden coin | doubloon
money bag | 1f4b0 | object | front | bag of money, sack of money | sack of gold
bomb | 1f4a3 | object | front o | black bomb, round bomb | cartoon bomb
crystal ball | 1f52e | object | front | magic ball, purple crystal ball | fortune teller's ball
magic wand | 1fa84 | object | front | wand, wizard's wand | magician's wand
pair of sunglasses | 1f576-fe0f | object | front | pair of dark glasses | pair of shades
cap | 1f9e2 | object | front | baseball cap, blue cap | peaked cap
scarf | 1f9e3 | object | front | red scarf, woollen scarf | winter scarf
t-shirt | 1f455 | object | front | shirt, green t-shirt | tee
dress | 1f457 | object | front | blue dress, summer dress | frock
pair of jeans | 1f456 | object | front | pair of blue trousers, pair of blue jeans | pair of denims
coat | 1f9e5 | object | front | brown coat, winter coat | overcoat
pair of socks | 1f9e6 | object | front | pair of green socks, pair of striped socks | pair of stockings
boot | 1f97e | object | right | hiking boot, brown boot | walking boot
trainer | 1f45f | object | right | sneaker, running shoe | gym shoe
ice skate | 26f8-fe0f | object | right | skate, white skate | skating boot
skull | 1f480 | object | front | white skull, human skull | death's head
bone | 1f9b4 | object | front | white bone, dog's bone | dog bone
alien | 1f47d | object | front | green alien, extraterrestrial | martian
space invader | 1f47e | object | front | alien monster, purple monster | video-game monster
boomerang | 1fa83 | object | front | wooden boomerang, throwing stick | returning stick
pinata | 1fa85 | object | left | party donkey, colourful paper donkey | candy donkey
nesting doll | 1fa86 | object | front | russian doll, wooden doll | matryoshka
microscope | 1f52c | object | front | laboratory microscope, science microscope | lab microscope
telescope | 1f52d | object | left | telescope on a tripod, blue telescope | spyglass
fire extinguisher | 1f9ef | object | front | red extinguisher, extinguisher | extinguishing bottle
toolbox | 1f9f0 | object | front | red toolbox, tool box | tool chest
padlock | 1f512 | object | front | lock, golden padlock | lock with a shackle
shield | 1f6e1-fe0f | object | front | blue shield, knight's shield | buckler
playground slide | 1f6dd | object | front | slide, children's slide | chute
sofa | 1f6cb-fe0f | object | front | couch, sofa with a lamp | settee
oil drum | 1f6e2-fe0f | object | front | barrel, blue barrel | steel barrel
chess pawn | 265f-fe0f | object | front | pawn, black pawn | chess piece
graduation cap | 1f393 | object | front | student's cap, black graduation cap | mortarboard
party popper | 1f389 | object | front | confetti popper, party horn with confetti | confetti cannon
bow | 1f380 | object | front | red bow, ribbon | hair bow
mailbox | 1f4ee | object | front | postbox, red postbox | letter box
megaphone | 1f4e3 | object | right | orange megaphone, loudhailer | speaking trumpet
battery | 1f50b | object | front | green battery, electric battery | power cell
"""


def read_thing(line: str) -> Thing:
    """One line of the table. ValueError if it can't be read."""
    cells = [cell.strip() for cell in line.split("|")]
    faces, _, rolls = cells[3].partition(" ") if len(cells) == 6 else ("", "", "")
    if faces not in get_args(Faces) or rolls not in ("", "o") or cells[2] not in get_args(Kind):
        raise ValueError(f"can't read the thing {line!r}: name | picture | kind | faces | synonyms | kept")
    name, codepoint, kind, _, synonyms, kept = cells
    return Thing(
        name,
        plural_of(name),
        codepoint,
        cast(Kind, kind),
        cast(Faces, faces),
        rolls == "o",
        _listed(synonyms),
        _listed(kept),
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


THINGS: tuple[Thing, ...] = tuple(read_thing(line) for line in _TABLE.strip().splitlines())
