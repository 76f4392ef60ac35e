"""A procedural toy world with exact truth: scripts, captions and pictures for training and tests."""
