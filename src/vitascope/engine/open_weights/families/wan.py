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


IN_32_BITS = ("vae", "image_encoder")
"""Networks that its makers run in 32 bits beside a denoiser in 16."""


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


_OF_NO_BATCH = {"control_hidden_states_scale"}
"""Tensors that the denoiser is given once for all of a batch."""


def join_guidance(pipe: Any) -> None:
    """Let the denoiser see words and negative words in one batch of two, where the pipeline asks twice.

    Pipelines that lend each other a denoiser share what was said last; it is joined once.
    """
    networks = [each for name in ("transformer", "transformer_2") if (each := getattr(pipe, name, None))]
    shared = getattr(networks[0], "joined_guidance", None)
    asking = _Joined() if shared is None else shared
    encode_prompt = pipe.encode_prompt

    def encoding(*arguments: Any, **more: Any) -> Any:
        words, negative = encode_prompt(*arguments, **more)
        asking.begin(negative)
        return words, negative

    pipe.encode_prompt = encoding
    if shared is None:
        for network in networks:
            network.joined_guidance = asking
            network.forward = asking.instead_of(network.forward)


class _Joined:
    """What both halves of guidance are told, and the answer to the second, kept until it is asked for."""

    def __init__(self) -> None:
        self._negative: Any = None
        self._waiting: list[Any] = []

    def begin(self, negative: Tensor | None) -> None:
        """A new call; of one that was broken off nothing is left."""
        self._negative = negative
        self._waiting.clear()

    def instead_of(self, forward: Any) -> Any:
        """A forward that asks for both halves at the first call, and answers the second from that."""
        import torch

        def ask(**asked: Any) -> Any:
            if self._waiting:
                return self._waiting.pop()
            if self._negative is None:
                return forward(**asked)
            words = asked["encoder_hidden_states"]
            two = {
                name: torch.cat((value, value))
                for name, value in asked.items()
                if isinstance(value, torch.Tensor) and name not in _OF_NO_BATCH
            }
            two["encoder_hidden_states"] = torch.cat((words, self._negative.to(words)))
            (both,) = forward(**asked | two)
            with_words, without = both.chunk(2)
            self._waiting.append((without,))
            return (with_words,)

        return ask


def encode(pipe: Any, video_BCTHW: Tensor) -> Tensor:
    """Latents [B, C, F, h, w] of a clip in -1..1, as they come out of the pipeline's last step."""
    import torch

    config = pipe.vae.config
    z = pipe.vae.encode(video_BCTHW.to(pipe._execution_device, pipe.vae.dtype)).latent_dist.mode().float()
    mean, std = (
        torch.tensor(values).view(1, -1, 1, 1, 1).to(z)
        for values in (config.latents_mean, config.latents_std)
    )
    return (z - mean) / std
