"""Telemetry that leaves its process: over sockets to consoles, into recordings, and back on the same screens."""
