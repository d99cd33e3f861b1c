"""The core: pure, told the time, returning what to do. No I/O, clock, chance, task, thread, log or environment."""
