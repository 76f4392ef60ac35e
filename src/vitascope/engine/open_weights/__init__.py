"""Open-weights models, run by the diffusers library: a catalogue, and one filler for all of it.

Families differ in what their pipelines take; families/ says how a canvas becomes each pipeline's arguments,
and composing.py makes what a family lacks of what it has. Importing this imports nothing heavy.
"""
