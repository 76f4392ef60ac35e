"""One file for each feature that needs several fills: many canvases, words and voices -> a timeline."""

from .shots import Shot, script_schema, shoot, shots

__all__ = ["Shot", "script_schema", "shoot", "shots"]
