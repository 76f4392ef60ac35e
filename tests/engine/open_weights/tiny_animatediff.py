"""A tiny AnimateDiff: a motion adapter, and the still model that it moves."""

from __future__ import annotations

from pathlib import Path

from .tiny_parts import begin, save
from .tiny_stills import stable_diffusion_parts


def _adapter():
    import diffusers

    return diffusers.MotionAdapter(
        block_out_channels=(8, 8),
        motion_layers_per_block=1,
        motion_norm_num_groups=2,
        motion_num_attention_heads=4,
        motion_max_seq_length=16,
    ).eval()


def adapter(folder: Path) -> Path:
    """A folder with a motion adapter alone, as its repository holds it."""
    begin()
    _adapter().save_pretrained(folder)
    return folder


def animatediff(folder: Path) -> Path:
    """A folder with a whole AnimateDiffPipeline."""
    import diffusers

    begin()
    scheduler = diffusers.DDIMScheduler(
        beta_schedule="linear", clip_sample=False, timestep_spacing="linspace", steps_offset=1
    )
    parts = stable_diffusion_parts() | {"motion_adapter": _adapter(), "scheduler": scheduler}
    return save("AnimateDiffPipeline", folder, **parts)
