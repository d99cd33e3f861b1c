"""What a person keeps in files instead of saying it each time: the table of settings, the files, and who wins."""
