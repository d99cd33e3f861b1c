"""Lines in other people's clients of the protocol: each adapter is a module of its own, and imported by nobody here."""
