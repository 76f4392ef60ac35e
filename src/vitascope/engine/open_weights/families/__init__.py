"""One module a family: how a Request becomes the arguments of its pipelines, and their answer pixels.

Each has `arguments(request, way) -> dict`; one whose latents can be written to also has `encode(pipe,
video)`. None imports diffusers or torch before it is called.
"""
