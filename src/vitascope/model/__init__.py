"""The built-in network and its mathematics: pure tensors, no canvases, no files but its own weights."""
