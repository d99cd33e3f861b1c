"""Languages by their tags (BCP 47), as a model is told of them."""

from __future__ import annotations

import re

from trunkline.errors import ConfigError
from trunkline.text import clean

__all__ = ["Language"]

_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,4}", re.IGNORECASE)
# ISO 639-1, those that speech models are commonly rated in (OpenAI's list for Whisper).
_NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "gl": "Galician", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "kk": "Kazakh", "kn": "Kannada", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "mi": "Maori", "mk": "Macedonian", "mr": "Marathi",
    "ms": "Malay", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "th": "Thai",
    "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip


class Language:
    """One language; raises ConfigError, in the name of the setting, for what is no tag."""

    def __init__(self, tag: str, *, setting: str) -> None:
        if not _TAG.fullmatch(tag):
            shown = clean(tag, limit_chars=40)
            raise ConfigError(setting, f"give a language's tag, such as es or pt-BR, not {shown!r}")
        self.tag = tag
        self.code = tag.partition("-")[0].lower()
        """Without region or script."""

    @property
    def name(self) -> str:
        """The name in English, with the tag where that says more, or where the name is not known here."""
        name = _NAMES.get(self.code)
        if name is None:
            return f"the language with the tag {self.tag}"
        return name if self.tag.lower() == self.code else f"{name} ({self.tag})"
