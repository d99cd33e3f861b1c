"""Fits the two filters of rust/codec/src/resample/kernel.rs and prints their terms.

A filter is a cosine series over its own length; the spectrum of each term is a sum of two sincs.
Lawson's iteration finds the terms with the least greatest error: least squares over and over, with
more weight where the error was greater. Takes about a minute; run it to check the table or to try
another length: `python docs/design_resampler.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

PASS_EDGE = 0.45
"""Nine tenths of the band, in units of the lower rate, as all frequencies here."""


def spectra(frequencies: Array, width: int, count: int) -> Array:
    """The spectrum of each term, in a column of its own."""
    place, order = frequencies[:, None] * width, np.arange(count)[None, :]
    columns = width / 2 * (np.sinc(place - order) + np.sinc(place + order))
    columns[:, 0] = width * np.sinc(place[:, 0])
    return np.asarray(columns)


def fit(*, width: int, count: int, stop_edge: float, ratio: float) -> Array:
    """The terms; `ratio` is how much smaller the stop band's error is to be than the pass band's."""
    passed = np.linspace(0, PASS_EDGE, 12 * count)
    near = np.linspace(stop_edge, stop_edge + 0.5, 12 * count)
    stopped = np.concatenate([near, np.linspace(stop_edge + 0.5, 2, 16 * count)[1:]])
    wanted = np.concatenate([np.ones_like(passed), np.zeros_like(stopped)])
    # Farther out there are more images to add up, so the error is to fall with frequency.
    price = np.concatenate([np.ones_like(passed), ratio * np.maximum(1, stopped / stop_edge)])
    columns = spectra(np.concatenate([passed, stopped]), width, count)
    weights, best = np.full(len(wanted), 1 / len(wanted)), (np.inf, np.zeros(count))
    for _ in range(4000):
        scale = np.sqrt(weights) * price
        terms, *_ = np.linalg.lstsq(columns * scale[:, None], wanted * scale, rcond=1e-13)
        error = np.abs(price * (columns @ terms - wanted))
        best = min(best, (float(error.max()), terms), key=lambda found: found[0])
        weights *= error / error.max() + 1e-4
        weights /= weights.sum()
    return np.asarray(best[1])


def show(name: str, *, width: int, count: int, stop_edge: float, ratio: float) -> None:
    """Prints what a filter reaches, and its terms."""
    terms = fit(width=width, count=count, stop_edge=stop_edge, ratio=ratio)
    passed = 20 * np.log10(spectra(np.linspace(0, PASS_EDGE, 4000), width, count) @ terms)
    far = np.linspace(stop_edge, 20, 200_000)
    stopped = 20 * np.log10(np.abs(spectra(far, width, count) @ terms).max())
    print(f"{name}: {passed.min():.3f} to {passed.max():.3f} dB, then {stopped:.1f} dB")
    print(", ".join(f"{term:.12f}" for term in terms))


if __name__ == "__main__":
    show("PHONE", width=31, count=20, stop_edge=0.55, ratio=31)
    show("WIDE", width=62, count=36, stop_edge=0.5, ratio=30)
