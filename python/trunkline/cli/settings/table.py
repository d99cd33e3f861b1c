"""Every setting there is: its name in a file, its type, its variable, and which options take it.

One row is one setting. `docs/configuration.md` shows the same table, and a test compares both with the options.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["PROFILES", "SETTINGS", "THRESHOLDS", "Kind", "Setting", "setting_of", "settings_for"]

PROFILES = "profile"
"""The table whose tables are profiles."""
THRESHOLDS = "thresholds"
"""The table of thresholds, which `telemetry.thresholds` reads."""


class Kind(enum.Enum):
    """What a value is in TOML, in the words of a complaint."""

    STRING = "a string"
    INTEGER = "a whole number"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    PATH = "a path, as a string"
    STRINGS = "an array of strings"
    COMMAND = "a command: a string, or an array of strings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row."""

    name: str
    """As in a file, with the table before the dot."""
    kind: Kind
    about: str
    env: str = ""
    """The variable that says it, too; none for what only a file says."""
    options: tuple[tuple[str, str], ...] = ()
    """Commands and their parameters that it is the default of; a parameter of the group has the command "".  A value of
    one is checked by the option's own type. What has none is read where lines are dialed or shown."""
    flag: str = ""
    """The option as people write it."""
    default: object = None
    """None: nothing, or what the command finds out itself."""
    choices: tuple[str, ...] = ()
    """For what no option checks."""
    is_own: bool = False
    """Whether only a file of one's own may say it: it concerns the key, the sound, or what others may see and do."""
    is_secret: bool = False

    @property
    def table(self) -> str:
        """The table it stands in; empty for the top."""
        return self.name.rpartition(".")[0]


def _option(
    name: str,
    kind: Kind,
    about: str,
    *commands: str,
    parameter: str = "",
    env: str = "",
    default: object = None,
    is_own: bool = False,
) -> Setting:
    """A row of a setting that is the default of an option of the same name, in all these commands."""
    key = name.rpartition(".")[2]
    return Setting(
        name=name,
        kind=kind,
        about=about,
        env=env or f"TRUNKLINE_{name.upper().replace('.', '_')}",
        options=tuple((command, parameter or key) for command in commands),
        # The group's options say which table is meant.
        flag=f"--{(name if commands == ('',) else key).replace('.', '-').replace('_', '-')}",
        default=default,
        is_own=is_own,
    )


_TALKS = ("talk", "translate")
_SCREENS = ("console", "demo", *_TALKS)
_TEXT, _INT, _NUMBER = Kind.STRING, Kind.INTEGER, Kind.NUMBER
_BOOL, _PATH = Kind.BOOLEAN, Kind.PATH

# Where is dialed, and with which key.
_DIALED = (
    Setting(name="base_url", kind=_TEXT, about="The server.", env="OPENAI_BASE_URL", flag="--base-url", default="https://api.openai.com/v1"),
    Setting(name="trusted_base_urls", kind=Kind.STRINGS, about="Servers that a project's file may name, and that are shown your key then.", is_own=True),
    Setting(name="api_key_file", kind=_PATH, about="A file that holds the key, and that only you may read.", env="OPENAI_API_KEY_FILE", flag="--api-key-file", is_own=True),
    Setting(name="api_key_cmd", kind=Kind.COMMAND, about="A command that prints the key; run without a shell, in the folder of the file.", is_own=True, is_secret=True),
    Setting(name="organization", kind=_TEXT, about="The organisation that pays.", env="OPENAI_ORG_ID", is_own=True),
    Setting(name="project", kind=_TEXT, about="The project that pays.", env="OPENAI_PROJECT_ID", is_own=True),
)  # fmt: skip

SETTINGS: tuple[Setting, ...] = (
    *_DIALED,
    _option("model", _TEXT, "The model of a conversation; an interpreter (`--dedicated`) has its own.", *_TALKS, "secret", "doctor", "probe"),
    _option("voice", _TEXT, "The voice it answers with.", *_TALKS, "secret"),
    _option("theme", _TEXT, "Name of a colour theme.", *_SCREENS),
    _option("ascii", _BOOL, "Draw with ASCII characters only.", *_SCREENS, parameter="ascii_only", default=False),
    _option("color", _TEXT, "`auto`, `always` or `never`; `NO_COLOR` and `FORCE_COLOR` beat a file.", "", default="auto"),
    _option("log.format", _TEXT, "Log what happens to lines: `json` or `text`.", "", parameter="log_format", env="TRUNKLINE_LOG"),
    _option("log.file", _PATH, "Log to the end of this file instead of stderr.", "", parameter="log_file", is_own=True),
    _option("sound.input", _TEXT, "The microphone, by a part of its name.", *_TALKS, parameter="input_name", is_own=True),
    _option("sound.output", _TEXT, "The loudspeaker, by a part of its name.", *_TALKS, parameter="output_name", is_own=True),
    _option("sound.echo", _TEXT, "What keeps the loudspeaker out of a microphone: `gate`, `cancel` or `none`.", *_TALKS, is_own=True),
    _option("sound.headphones", _BOOL, "Nothing needs to.", *_TALKS, default=False, is_own=True),
    _option("sound.push_to_talk", _BOOL, "The space bar begins a turn and ends it.", *_TALKS, default=False, is_own=True),
    _option("talk.instructions", _TEXT, "What the model is told to be.", "talk"),
    _option("translate.to", _TEXT, "The language to translate into, as `es` or `pt-BR`.", "translate", parameter="target"),
    _option("translate.from", _TEXT, "The language that is spoken.", "translate", parameter="source"),
    _option("translate.style", _TEXT, "`neutral`, `formal`, `casual`, `simple` or `literal`.", "translate", default="neutral"),
    _option("translate.dedicated", _BOOL, "Take the server's translation sessions.", "translate", default=False),
    _option("translate.transcript", _BOOL, "Print the words with their times, at the end.", "translate", default=False),
    _option("secret.ttl", _INT, "Seconds that an ephemeral key lives.", "secret", default=600),
    _option("console.wait", _NUMBER, "Seconds to listen before `--once` and `--json` print.", "console", default=2.0),
    _option("console.min_score", _NUMBER, "Without a screen: exit with 3 if a score is under it.", "console"),
    _option("console.port", _INT, "Of `--serve`; 0 is a free one.", "console", default=0),
    _option("metrics.port", _INT, "Where `trunkline metrics` listens (9464 if nothing says so).", "metrics"),
    _option("metrics.host", _TEXT, "The address it listens on.", "metrics", default="127.0.0.1", is_own=True),
    _option("metrics.token_file", _PATH, "Holds the token that a reader must show.", "metrics", is_own=True),
    _option("metrics.remote", _BOOL, "Let other machines read.", "metrics", default=False, is_own=True),
    _option("metrics.names", _BOOL, "Make the names of lines a label.", "metrics", default=False, is_own=True),
    _option("record.directory", _PATH, "Where `trunkline record` without a name writes.", "record"),
    _option("record.no_transcripts", _BOOL, "Leave out what people and the model said.", "record", default=False, is_own=True),
    _option("record.audio", _BOOL, "Record what is said, too.", "record", default=False, is_own=True),
    Setting(name="telemetry.publish", kind=_TEXT, about="Show the lines of commands to consoles of this user: `off`, `on` or `control`.", env="TRUNKLINE_PUBLISH", choices=("off", "on", "control"), default="off", is_own=True),
    Setting(name="telemetry.keep_audio", kind=_BOOL, about="Let consoles and recorders have what is said on them.", env="TRUNKLINE_KEEP_AUDIO", default=False, is_own=True),
    Setting(name="telemetry.metrics_port", kind=_INT, about="Serve their metrics to Prometheus at this port.", env="TRUNKLINE_METRICS", is_own=True),
    _option("simulate.port", _INT, "Port on loopback; 0 takes a free one.", "simulate", default=0),
    _option("simulate.voice", _TEXT, "Who answers: `interpreter`, `echo` or `tone`.", "simulate", default="interpreter"),
    _option("simulate.profile", _TEXT, "Which server to imitate.", "simulate", default="openai-ga"),
    _option("simulate.seed", _INT, "Seed of ids and chance.", "simulate", default=0),
    _option("simulate.pace", _NUMBER, "Reply audio per second of time.", "simulate", default=5.0),
    _option("gauntlet.jobs", _INT, "Trials at a time.", "gauntlet", default=4),
    _option("soak.jobs", _INT, "Processes.", "soak", default=1),
)  # fmt: skip
"""The table; `[thresholds.METRIC]` and `[profile.NAME]` are beside it."""

_BY_NAME = {each.name: each for each in SETTINGS}


def setting_of(name: str) -> Setting | None:
    """The row of this name."""
    return _BY_NAME.get(name)


def settings_for(command: str) -> dict[str, Setting]:
    """The settings that are defaults of a command's options, by parameter; those of the group for ""."""
    return {
        parameter: each
        for each in SETTINGS
        for taker, parameter in each.options
        if taker == command
    }
