"""Wan: words, a first and a last picture, a clip redrawn, and VACE, which takes whatever is known.

Its latents are [B, C, F, h, w], normalised by the autoencoder's own means and deviations; the first stands
for one frame, every other for four.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.engine.open_weights.families.pictures import picture, pictures, plain, redrawn, repaint
from vitascope.engine.open_weights.request import Request

if TYPE_CHECKING:
    from torch import Tensor

    from vitascope.engine.open_weights.catalogue import Pipeline, Way


def arguments(request: Request, way: Way, pipeline: Pipeline) -> dict[str, Any]:
    """For WanPipeline, WanImageToVideoPipeline, WanVideoToVideoPipeline and WanVACEPipeline."""
    asked = plain(request)
    if request.first is not None:
        asked["image"] = picture(request.first)
    if request.last is not None:
        asked["last_image"] = picture(request.last)
    if way == "soft":
        del asked["num_frames"]
        asked |= redrawn(request)
    if pipeline.kind == "WanVACEPipeline":
        if request.pixels is not None and request.known is not None:
            asked |= {"video": pictures(request.pixels), "mask": repaint(request.known)}
        if request.cast:
            asked["reference_images"] = pictures_of(request)
    return asked


def pictures_of(request: Request) -> list[Any]:
    """Who must appear."""
    return [picture(member) for member in request.cast]


def join_guidance(pipe: Any) -> None:
    """Let the denoiser see words and negative words in one batch of two, where the pipeline asks twice."""
    import torch

    said: dict[str, Any] = {}
    encode_prompt = pipe.encode_prompt

    def encoding(*arguments: Any, **more: Any) -> Any:
        said["prompt"], said["negative"] = encode_prompt(*arguments, **more)
        return said["prompt"], said["negative"]

    def joined(forward: Any) -> Any:
        waiting: list[Any] = []

        def ask(**asked: Any) -> Any:
            if waiting:
                return waiting.pop()
            if said.get("negative") is None:
                return forward(**asked)
            words = asked["encoder_hidden_states"]
            two = {name: torch.cat((v, v)) for name, v in asked.items() if isinstance(v, torch.Tensor)}
            two["encoder_hidden_states"] = torch.cat((words, said["negative"].to(words)))
            (both,) = forward(**asked | two)
            with_words, without = both.chunk(2)
            waiting.append((without,))
            return (with_words,)

        return ask

    pipe.encode_prompt = encoding
    for name in ("transformer", "transformer_2"):
        if (denoiser := getattr(pipe, name, None)) is not None:
            denoiser.forward = joined(denoiser.forward)


def encode(pipe: Any, video_BCTHW: Tensor) -> Tensor:
    """Latents [B, C, F, h, w] of a clip in -1..1, as they come out of the pipeline's last step."""
    import torch

    config = pipe.vae.config
    z = pipe.vae.encode(video_BCTHW.to(pipe.vae.device, pipe.vae.dtype)).latent_dist.mode().float()
    mean, std = (
        torch.tensor(values).view(1, -1, 1, 1, 1).to(z)
        for values in (config.latents_mean, config.latents_std)
    )
    return (z - mean) / std
