"""The command line: composes everything."""
