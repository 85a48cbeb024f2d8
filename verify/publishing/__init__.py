"""How pages come to show what was seen, and what they are refused for."""
