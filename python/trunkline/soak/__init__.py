"""Days of a line's life in minutes: the core, the simulator's engine and their misfortunes on one clock.

Nothing here reads a clock or touches a network: one heap of events holds both ends and all that lies between
them, so that a seed is a life, to the last bit. Whoever judges looks at three logs only, taken outside the
core: what the microphone gave, what the server consumed, what the speaker played.
"""
