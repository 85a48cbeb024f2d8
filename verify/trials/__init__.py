"""The checking itself on trial: what it misses, what it costs; and what networks cost."""
