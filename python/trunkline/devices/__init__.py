"""Sources and sinks of sound."""
