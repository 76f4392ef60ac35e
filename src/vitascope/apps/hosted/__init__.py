"""Other people's servers as fillers: `--filler https://host/v1` asks one that speaks OpenAI's videos dialect,
`--filler runway+https://host` one that speaks Runway's.

Only a person at their own machine may name one; a client of our server may not.
"""

from vitascope.apps.hosted.naming import entry_for

__all__ = ["entry_for"]
