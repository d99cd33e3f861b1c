"""Bytes and arithmetic: formats, the codec, chunks, playout, level. Alone imports the extension."""
