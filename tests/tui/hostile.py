"""Strings that would do something to a terminal, to its reader or to a toolkit, if they were let."""

from __future__ import annotations

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"
C1_ST = "\x9c"


def _operating_system_commands():
    """OSC, both introducers and all ends: titles, links, the clipboard, colours, notifications, none at all."""
    bodies = (
        "0;owned", "1;owned", "2;owned", "4;1;rgb:ff/00/00", "7;file://evil/", "8;;https://evil.example", "9;ping",
        "9;4;1;50", "10;?", "11;?", "12;red", "22;wait", "50;font", "52;c;cm0gLXJm", "52;p;?", "104", "110",
        "133;A", "633;E;rm", "777;notify;a;b", "1337;File=inline=1:AAAA", "1337;SetMark",
    )  # fmt: skip
    ends = (BEL, ST, C1_ST, "")
    for place, body in enumerate(bodies):
        for introducer in (f"{ESC}]", "\x9d"):
            yield f"{introducer}{body}{ends[place % len(ends)]}"
    for end in ends:
        yield f"{ESC}]52;c;cm0gLXJm{end}"


def _strings():
    """DCS, APC, PM and SOS, both forms."""
    for seven, eight, body in (
        ("P", "\x90", "q#0;2;0;0;0~-"),
        ("P", "\x90", "$qm"),
        ("P", "\x90", "+q544e"),
        ("P", "\x90", "=1s"),
        ("P", "\x90", "tmux;\x1b\x1b]52;c;eA==\x07"),
        ("_", "\x9f", "Ga=T,f=24;AAAA"),
        ("^", "\x9e", "private"),
        ("X", "\x98", "start of string"),
    ):
        yield f"{ESC}{seven}{body}{ST}"
        yield f"{eight}{body}{C1_ST}"
        yield f"{ESC}{seven}{body}"


def _control_sequences():
    """CSI of all kinds, both introducers: erasing, moving, scrolling, modes, questions that answer on the keyboard."""
    bodies = (
        "2J", "3J", "H", "1;1H", "99;99H", "10A", "10B", "10C", "10D", "1;5r", "5S", "5T", "4L", "4M", "9P", "9X", "9@",
        "31m", "38;2;1;2;3m", "7m", "8m", "5m", "?1049h", "?1049l", "?25l", "?1000h", "?1003h", "?1006h", "?2004l",
        "?2026h", "?47h", "4h", "20h", "6n", "c", ">c", "=c", "?6n", "5n", "x", "21t", "20t", "18t", "8;10;10t",
        "3;0;0t", "2t", "!p", "9b", "s", "u", ">1u", "<u", "?u", " q", "2 q", '1"q', "0$}", "1;1;9;9$z", "?1$p",
        "i", "4i", "?5i", "1;2;3;4;5;6*y", '65;1"p', "999999999999999999999H", ";;;;;;;;m", "?", "1", "",
    )  # fmt: skip
    for place, body in enumerate(bodies):
        yield f"{ESC}[{body}"
        if place % 2 == 0:
            yield f"\x9b{body}"


def _single():
    """Escapes of one or two characters, single controls of C0 and C1."""
    for body in "c78=>DEHMNOZnol|}~6":
        yield f"{ESC}{body}"
    for body in (
        "#8",
        "#3",
        "(0",
        "(B",
        ")0",
        "%@",
        "%G",
        " F",
        "&",
        "[",
        "]",
        "P",
        "\x1b\x1b",
        "",
    ):
        yield f"{ESC}{body}"
    for code in (*range(9), *range(0x0B, 0x20), 0x7F, *range(0x80, 0xA0)):
        yield chr(code)


def _unicode():
    """What turns reading round, has no width, or breaks lines where nobody sees it."""
    for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)):
        yield f"a{chr(code)}gpj.exe"
    for code in (0x00AD, 0x034F, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x2060, 0x2064, 0x206A, 0x3164,
                 0xFE0F, 0xFEFF, 0xFFF9, 0xFFFE, 0xE0001, 0xE0041, 0xE007F, 0x1F3FB):  # fmt: skip
        yield f"a{chr(code)}b"
    yield "\ud800"
    yield "\udcff\udc9b31m"
    yield "z" + "\u0301" * 60
    yield "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    yield "漢字" * 20
    yield "שלום" + "abc"


def _markup():
    """What a toolkit may take for an order of ours."""
    yield from (
        "[@click=app.quit]press[/]", "[@click=screen.dismiss('x')]press[/]", "[link=https://evil.example]go[/link]",
        "[bold red on white]x[/]", "[/]", "[/nothing]", "[[x]]", "[", "]", "\\[", "[$primary 50%]x[/]", "[b]",
        "[blink]",
        "[red", "[not a tag", ":skull:", "[link=file:///etc/passwd]x[/]", "{{7*7}}", "%s%n", "$(reboot)", "`reboot`",
        "[@mouse.enter=app.bell]x[/]", "[on $error]", "[#ff0000]x[/]",
    )  # fmt: skip


def _split():
    """Sequences that come in two deltas: each half is a string of its own."""
    for whole in (
        f"{ESC}]52;c;cm0gLXJm{BEL}",
        f"{ESC}[31m",
        f"{ESC}P$qm{ST}",
        "\x9b2J",
        "a\u202eb",
    ):
        for cut in range(1, min(len(whole), 4)):
            yield whole[:cut]
            yield whole[cut:]


CORPUS = tuple(
    f"h{number:03}{text}"
    for number, text in enumerate(
        [
            *_operating_system_commands(),
            *_strings(),
            *_control_sequences(),
            *_single(),
            *_unicode(),
            *_markup(),
            *_split(),
        ]
    )
)
"""Each begins with a name of its own, so that one can see that it was shown."""
