"""What can go wrong with the lab, as opposed to with a claim."""


class LabError(Exception):
    """The lab failed, so nothing can be said of any claim. The message says what to do."""


class EngineMissing(LabError):
    """An engine cannot be had on this machine, so that it has not been asked anything."""
