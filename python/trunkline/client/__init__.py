"""What the application holds: the line, its settings and credentials, and the driver of the core."""
