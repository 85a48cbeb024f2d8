"""What is claimed: a module per topic of the reference, a function per sentence."""
