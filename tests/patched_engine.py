"""A pytest plugin that lies on the engine's behalf: `PATCH` is run on the lab's host before its daemon starts."""

import functools

from verify import plugin
from verify.lab.topology import Lab

PATCH = ""
plugin.Lab = functools.partial(Lab, prepare=PATCH)
