"""One link each: how messages travel, and how a link ended."""
