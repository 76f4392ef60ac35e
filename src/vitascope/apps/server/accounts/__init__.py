"""Who is asking, what they may, how much of it, and what was done: keys, limits, policy, links, audit."""
