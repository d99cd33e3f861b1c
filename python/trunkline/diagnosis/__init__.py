"""What is wrong with a machine, a network or a server, found out without a conversation."""
