"""Reads a filter: terms between blanks, each a flag, a word, an expression between slashes, or a field and its values.

    state:open score<60 !model:mini          turn:31 -type:conversation.* size>0 lat>500 err /time.?out/

`!` or `-` before a term is its opposite. `:` holds, `=` is, `!=` is not, and numbers may be compared. Several values
between commas are alternatives. Quotes make a value of anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from trunkline.tui.filter.automaton import wildcards, words_of
from trunkline.tui.filter.refusal import FilterError
from trunkline.tui.filter.term import (
    Comparison,
    Expression,
    Filter,
    Literal,
    Raised,
    Standing,
    Term,
    Wildcard,
    Word,
)
from trunkline.tui.filter.vocabulary import Chosen, Flag, Number, Text

if TYPE_CHECKING:
    from trunkline.tui.filter.term import Value
    from trunkline.tui.filter.vocabulary import Field, Vocabulary

__all__ = ["LONGEST_FILTER", "MOST_TERMS", "parse"]

LONGEST_FILTER = 500
"""In characters: a line of any terminal."""

MOST_TERMS = 32

T = TypeVar("T")

_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(!=|<=|>=|[:=<>])")
_BLANKS = re.compile(r"\s*")
_BARE = re.compile(r'[^\s",]+')
_BARE_WORD = re.compile(r'[^\s"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SLASHED = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def parse(text: str, vocabulary: Vocabulary[T]) -> Filter[T]:
    """The filter; `FilterError` with the column if there is something wrong with it.

    Nothing, or blanks, is the filter that everything passes.
    """
    if len(text) > LONGEST_FILTER:
        raise FilterError(f"a filter may have {LONGEST_FILTER} characters", LONGEST_FILTER + 1)
    reader = _Reader(text, vocabulary)
    terms: list[Term] = []
    while not reader.done:
        if len(terms) == MOST_TERMS:
            reader.refuse(f"a filter may have {MOST_TERMS} terms")
        terms.append(reader.term())
    return Filter(vocabulary, tuple(terms))


@dataclass(slots=True)
class _Reader(Generic[T]):
    """Goes through the text from left to right."""

    text: str
    vocabulary: Vocabulary[T]
    at: int = 0

    def __post_init__(self) -> None:
        self._skip_blanks()

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def term(self) -> Term:
        negated = self.text[self.at] in "!-"
        if negated:
            self.at += 1
            if self._next() in ("", "!", "-") or self._next().isspace():
                self.refuse("what is not wanted follows ! or - at once")
        found = _FIELD.match(self.text, self.at)
        term = self._comparison(found, negated) if found else Term(self._word(), negated)
        if not self.done and not self.text[self.at].isspace():
            self.refuse("a blank is missing between two terms")
        self._skip_blanks()
        return term

    def _word(self) -> Word | Raised:
        began = self.at
        if self._next() in ('"', "/"):
            value = self._enclosed()
            return Word(value)
        found = _BARE_WORD.match(self.text, self.at)
        assert found is not None
        word = found[0]
        self.at = found.end()
        if "," in word:
            self.refuse("commas stand between the values of a field only", began + word.index(","))
        if self.vocabulary.flag(word) is not None:
            return Raised(word.lower())
        return Word(self._bare(word, began))

    def _comparison(self, found: re.Match[str], negated: bool) -> Term:
        name, operator = found.groups()
        known = self.vocabulary.find(name)
        if known is None:
            self.refuse(f"no field {name}: {self.vocabulary.near(name)}")
        if isinstance(known, Flag):
            self.refuse(f"{known.name} stands alone: it is there or not")
        if operator[0] in "<>" and not isinstance(known, Number):
            self.refuse(f"{known.name} is no number: use : or =", found.start(2))
        self.at = found.end()
        values = [self._value(known)]
        while self._next() == ",":
            if operator[0] in "<>":
                self.refuse("more and less have one value")
            self.at += 1
            values.append(self._value(known))
        plain = "=" if operator == "!=" else operator
        if plain == "=" and not isinstance(known, Text):
            plain = ":"
        test = Comparison(known.name, plain, tuple(values))
        return Term(test, negated != (operator == "!="))

    def _value(self, known: Field[T]) -> Value:
        began = self.at
        if self._next() in ('"', "/") and isinstance(known, Text):
            return self._enclosed()
        found = _BARE.match(self.text, self.at)
        if found is None:
            self.refuse(f"a value is missing: {_expected(known)}")
        word = found[0]
        self.at = found.end()
        if word.lower() in ("any", "none"):
            return Standing(word.lower())
        match known:
            case Number(scale=scale):
                quantity = scale.parse(word)
                return quantity or self.refuse(_expected(known), began)
            case Chosen(choices=choices):
                choice = choices.get(word.lower())
                return Literal(choice or self.refuse(_expected(known), began))
            case _:
                return self._bare(word, began)

    def _bare(self, word: str, began: int) -> Literal | Wildcard:
        if "*" not in word and "?" not in word:
            return Literal(word)
        try:
            wildcards(word)
        except FilterError:
            self.refuse("too many wildcards", began)
        return Wildcard(word)

    def _enclosed(self) -> Literal | Expression:
        """What stands in quotes or between slashes."""
        began = self.at
        if self._next() == '"':
            found = _QUOTED.match(self.text, began)
            if found is None:
                self.refuse("the quote is not closed")
            self.at = found.end()
            return Literal(_ESCAPED.sub(r"\1", found[1]))
        found = _SLASHED.match(self.text, began)
        if found is None:
            self.refuse("the expression is not closed by a /")
        source = _ESCAPED.sub(lambda m: "/" if m[1] == "/" else m[0], found[1])
        if not source:
            self.refuse("there is nothing between the slashes", began + 1)
        words_of(source, began + 2)
        self.at = found.end()
        return Expression(source)

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_blanks(self) -> None:
        blanks = _BLANKS.match(self.text, self.at)
        assert blanks is not None
        self.at = blanks.end()

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        raise FilterError(message, (self.at if at is None else at) + 1)


def _expected(known: Field[T]) -> str:
    match known:
        case Number():
            return (
                f"{known.name} is a number, with a unit or without; known are {known.scale.known}"
            )
        case Chosen():
            return (
                f"{known.name} is {', '.join(dict.fromkeys(known.choices.values()))}, any or none"
            )
        case _:
            return f"{known.name} is a text"
