"""A filter as a value: terms that must all hold, printed as they would be written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from trunkline.tui.filter.automaton import wildcards, words_of
from trunkline.tui.filter.quantity import Quantity
from trunkline.tui.filter.vocabulary import Chosen, Number, Text

if TYPE_CHECKING:
    from trunkline.tui.filter.vocabulary import Vocabulary

__all__ = [
    "Comparison",
    "Expression",
    "Filter",
    "Literal",
    "Predicate",
    "Raised",
    "Standing",
    "Term",
    "Value",
    "Wildcard",
    "Word",
]

T = TypeVar("T")
Predicate: TypeAlias = Callable[[T], bool]

# What needs no quotes as a value, and what needs none as a term of its own.
_BARE_VALUE = re.compile(r'[^\s",*?/][^\s",*?]*')
_BARE_WORD = re.compile(r'[^\s",*?/!:=<>-][^\s",*?!:=<>]*')
_PAIR = re.compile(r"\\.|/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Literal:
    """Words to be found as they are; case does not matter."""

    text: str

    def __str__(self) -> str:
        """In quotes where they are needed."""
        reserved = self.text.lower() in _STANDINGS
        plain = _BARE_VALUE.fullmatch(self.text) and not reserved
        return self.text if plain else quoted(self.text)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A whole text with `*` for anything and `?` for one character."""

    pattern: str

    def __str__(self) -> str:
        """As written: it has no blanks."""
        return self.pattern


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression to be found somewhere."""

    source: str

    def __str__(self) -> str:
        """Between slashes."""
        return f"/{_PAIR.sub(lambda m: m[0] if len(m[0]) > 1 else chr(92) + '/', self.source)}/"


class Standing(Enum):
    """Whether there is a value at all."""

    ANY = "any"
    NONE = "none"

    def __str__(self) -> str:
        """The word."""
        return self.value


_STANDINGS = {standing.value for standing in Standing}

Value: TypeAlias = Literal | Wildcard | Expression | Standing | Quantity


@dataclass(frozen=True, slots=True)
class Word:
    """Something that one of the names must hold."""

    value: Literal | Wildcard | Expression


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that must be up."""

    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against one of several values."""

    field: str
    operator: str
    """`:` holds, `=` is (of texts only: a number that holds another one is it), `<`, `<=`, `>`, `>=`."""
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One condition, or that it does not hold."""

    test: Word | Raised | Comparison
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter(Generic[T]):
    """Terms that must all hold; without any, everything passes."""

    vocabulary: Vocabulary[T] = field(compare=False, repr=False)
    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        """Text that parses to the same filter."""
        return " ".join(
            f"{'!' if term.negated else ''}{_written(term.test, self.vocabulary)}"
            for term in self.terms
        )

    def predicate(self) -> Predicate[T]:
        """The filter as a function; a negated term is true exactly where the plain one is not."""
        tests = [_negated(term, _test(term.test, self.vocabulary)) for term in self.terms]
        if len(tests) == 1:
            return tests[0]
        return lambda thing: all(test(thing) for test in tests)


def quoted(text: str) -> str:
    """The text in quotes, with a backslash before each quote and backslash in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _written(test: Word | Raised | Comparison, vocabulary: Vocabulary[T]) -> str:
    match test:
        case Raised(name):
            return name
        case Comparison(name, operator, values):
            return f"{name}{operator}{','.join(str(value) for value in values)}"
        case Word(Literal(text)):
            plain = _BARE_WORD.fullmatch(text) and vocabulary.flag(text) is None
            return text if plain else quoted(text)
        case Word(value):
            return str(value)


def _negated(term: Term, test: Predicate[T]) -> Predicate[T]:
    return (lambda thing: not test(thing)) if term.negated else test


def _test(test: Word | Raised | Comparison, vocabulary: Vocabulary[T]) -> Predicate[T]:
    match test:
        case Raised(name):
            flag = vocabulary.flag(name)
            assert flag is not None
            return flag.read
        case Word(value):
            names, fits = vocabulary.names, _text_test(":", value)
            return lambda thing: any(fits(name) for name in names(thing))
        case Comparison():
            return _comparison(test, vocabulary)


def _comparison(test: Comparison, vocabulary: Vocabulary[T]) -> Predicate[T]:
    known = vocabulary.find(test.field)
    tests: list[Predicate[T]]
    if isinstance(known, Number):
        tests = [_number(known, test.operator, value) for value in test.values]
    elif isinstance(known, Chosen):
        tests = [_chosen(known, value) for value in test.values]
    else:
        assert isinstance(known, Text)
        tests = [_text(known, test.operator, value) for value in test.values]
    return tests[0] if len(tests) == 1 else lambda thing: any(one(thing) for one in tests)


def _text(known: Text[T], operator: str, value: Value) -> Predicate[T]:
    read = known.read
    if isinstance(value, Standing):
        wanted = value is Standing.ANY
        return lambda thing: any(read(thing)) == wanted
    fits = _text_test(operator, value)
    return lambda thing: any(fits(text) for text in read(thing))


def _text_test(operator: str, value: Value) -> Predicate[str]:
    match value:
        case Wildcard(pattern):
            return wildcards(pattern).search
        case Expression(source):
            return words_of(source).search
        case Literal(text):
            lower = text.lower()
            if operator == "=":
                return lambda found: found.lower() == lower
            return lambda found: lower in found.lower()
        case _:
            raise AssertionError(value)


def _chosen(known: Chosen[T], value: Value) -> Predicate[T]:
    read = known.read
    if isinstance(value, Standing):
        wanted = value is Standing.ANY
        return lambda thing: bool(read(thing)) == wanted
    assert isinstance(value, Literal)
    word = value.text
    return lambda thing: read(thing) == word


def _number(known: Number[T], operator: str, value: Value) -> Predicate[T]:
    read = known.read
    if isinstance(value, Standing):
        wanted = value is Standing.ANY
        return lambda thing: (read(thing) is not None) == wanted
    assert isinstance(value, Quantity)
    amount, slack = known.scale.amount(value), known.scale.slack(value)
    return _known(read, _ordered(operator, amount, slack))


def _known(read: Callable[[T], float | None], test: Predicate[float]) -> Predicate[T]:
    """What is not known is neither more nor less nor equal."""

    def hold(thing: T) -> bool:
        value = read(thing)
        return value is not None and test(value)

    return hold


def _ordered(operator: str, amount: float, slack: float) -> Predicate[float]:
    tests: dict[str, Predicate[float]] = {
        "<": lambda value: value < amount,
        "<=": lambda value: value <= amount,
        ">": lambda value: value > amount,
        ">=": lambda value: value >= amount,
    }
    return tests.get(operator, lambda value: abs(value - amount) <= slack)
