"""A resilience test for any client of the Realtime protocol, judged by what the server saw."""
