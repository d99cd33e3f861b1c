"""The style sheet of a report: light or dark as the reader's machine is, nothing fetched from anywhere."""

from __future__ import annotations

__all__ = ["DARK", "LIGHT", "STYLE"]

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1c2024",
    "faint": "#60646c",
    "grid": "#e2e5ea",
    "shade": "#f9dcda",
    "ok": "#2f9e6e",
    "warning": "#b7791f",
    "bad": "#d1342f",
    "user": "#4c7fd0",
    "model": "#9a63c9",
    "accent": "#0b6bcb",
}
"""Colour of each tone on white; text tones keep a contrast of 4.5 at least."""

DARK = {
    "paper": "#14171b",
    "ink": "#eceef1",
    "faint": "#a0a6b0",
    "grid": "#2c323a",
    "shade": "#4d2624",
    "ok": "#3fbf88",
    "warning": "#e0a83c",
    "bad": "#ff6a61",
    "user": "#7aa7f0",
    "model": "#c094ea",
    "accent": "#5cb0ff",
}
"""The same on near black."""


def _variables(palette: dict[str, str]) -> str:
    return "".join(f"--{tone}:{colour};" for tone, colour in palette.items())


def _classes() -> str:
    return "".join(
        f".f-{tone}{{fill:var(--{tone})}}.s-{tone}{{stroke:var(--{tone});fill:none}}"
        for tone in LIGHT
    )


STYLE = f"""
:root{{color-scheme:light dark;{_variables(LIGHT)}}}
@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}
{_classes()}
*{{box-sizing:border-box}}
body{{margin:0 auto;max-width:1040px;padding:24px 20px 64px;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}}
h1{{font-size:22px;margin:0 0 2px;overflow-wrap:anywhere}}
h2{{font-size:18px;margin:0;overflow-wrap:anywhere}}
h3{{font-size:14px;margin:22px 0 6px;color:var(--faint);font-weight:600}}
p{{margin:4px 0}}
.faint{{color:var(--faint)}}
.ok{{color:var(--ok)}}.warning{{color:var(--warning)}}.bad{{color:var(--bad)}}
.tiles{{display:grid;grid-template-columns:repeat(auto-fit,minmax(126px,1fr));gap:10px;margin:16px 0}}
.tile{{border:1px solid var(--grid);border-radius:8px;padding:8px 12px}}
.tile b{{display:block;font-size:18px;white-space:nowrap;font-variant-numeric:tabular-nums;line-height:1.3}}
.tile span{{color:var(--faint);font-size:13px}}
section,details{{border-top:1px solid var(--grid);margin-top:28px;padding-top:18px}}
summary{{cursor:pointer;list-style-position:inside}}
summary h2{{display:inline}}
.wide{{overflow-x:auto}}
table{{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}}
th,td{{text-align:left;padding:4px 14px 4px 0;
border-bottom:1px solid var(--grid);vertical-align:top;white-space:nowrap}}
th{{color:var(--faint);font-weight:600}}
td.n,th.n{{text-align:right}}
td.w,th.w{{overflow-wrap:anywhere;white-space:normal;min-width:12em;width:99%}}
a{{color:var(--accent)}}
svg{{display:block;width:100%;min-width:640px;height:auto}}
svg text{{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}}
.key{{color:var(--faint);font-size:13px;margin:2px 0 0}}
.key i{{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 12px}}
@media print{{details>summary{{list-style:none}}body{{max-width:none}}}}
"""
"""Tones as classes: `f-` fills, `s-` strokes."""
