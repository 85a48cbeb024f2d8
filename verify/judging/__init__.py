"""How a claim is written, run or played back, compared with what was seen before, and judged."""
