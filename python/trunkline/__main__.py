"""`python -m trunkline`."""

from __future__ import annotations

from trunkline.cli.main import main

main()
