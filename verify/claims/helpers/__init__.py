"""What several claims do, and how what they saw is read."""
