"""What a console writes for others to read: documents, sound, pictures, and the folder they go to."""
