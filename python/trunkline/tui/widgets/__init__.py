"""Painters, each a pure function of a snapshot, and the two widgets that show what they paint."""
