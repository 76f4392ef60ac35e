"""Writes the table of models in docs/open-weights.md from the catalogue: `python runs/list_models.py`."""

import re
from pathlib import Path

from vitascope.engine.open_weights.catalogue import MODELS, Model

PAGE = Path(__file__).parents[1] / "docs" / "open-weights.md"
WAYS = {
    "words": "words",
    "first": "a first picture",
    "first-last": "a first and a last picture",
    "frames": "clips at any frame",
    "regions": "parts of frames",
    "soft": "a clip to redraw",
}


def row(model: Model) -> str:
    """One line of the table."""
    takes = ", ".join(said for way, said in WAYS.items() if way in model.ways)
    length = f"{model.max_frames} frames at {float(model.rate_fps or 0):g} fps"
    if model.max_sound_s is not None:
        length = f"{float(model.max_sound_s):.4g} s of sound at {model.sound_rate_hz} Hz"
    elif model.still:
        length = "one picture"
    elif model.sound:
        length += ", and their sound"
    licence = f"{model.licence}: {model.terms}" if model.terms else model.licence
    size = f"{model.parameters_b:g} + {model.text_parameters_b:g} B"
    return f"| `{model.name}` | {takes} | {length} | {size} | {licence} |"


def table() -> str:
    """All of it."""
    head = [
        "| model | takes by itself | makes | parameters: denoiser + words | licence |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(head + [row(model) for model in MODELS.values()])


def page(text: str) -> str:
    """The page with the table of now."""
    return re.sub(
        r"(<!-- models -->\n).*?(<!-- /models -->)", lambda m: m[1] + table() + "\n" + m[2], text, flags=re.S
    )


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
