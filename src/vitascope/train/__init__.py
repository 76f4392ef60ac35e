"""Worlds -> canvases -> weights: the data, the loop, the checkpoints."""
