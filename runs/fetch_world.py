"""Fetches the toy world's pictures into the cache, so that training needs no network afterwards.

    python runs/fetch_world.py

Where they go: $VITASCOPE_CACHE/world, else ~/.cache/vitascope/world. The archive is pinned by version and
sha512 in src/vitascope/train/world/sprites.py, which knows two ways of getting it: https, then npm.
"""

from vitascope.train.world.sprites import SPRITES, SpritesError, fetch, read_pictures

if __name__ == "__main__":
    try:
        archive = fetch()
        print(
            f"{SPRITES.name} {SPRITES.version}: {len(read_pictures(archive))} pictures of things in {archive}"
        )
    except SpritesError as error:
        raise SystemExit(str(error)) from error
