"""A pytest plugin that lies on the engine's behalf: one of its error texts is patched in the daemon's own binary."""

import functools

from verify import plugin
from verify.lab.topology import Lab

PATCH = "sed -i 's/only one instance of/only one specimen of/' /usr/sbin/dockerd && grep -q 'only one specimen of' /usr/sbin/dockerd"
plugin.Lab = functools.partial(Lab, prepare=PATCH)
