"""The event inspector without its widgets: which rows there are, which is looked at, and what a turn was. Pure."""
