"""A pytest plugin that lies on the engine's behalf: `PATCH` is run on the lab's host before its daemon starts."""

import functools

from verify.judging import fixtures
from verify.lab.topology import Lab

PATCH = ""
fixtures.Lab = functools.partial(Lab, prepare=PATCH)
