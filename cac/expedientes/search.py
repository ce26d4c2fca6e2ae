"""The word index of cases, kept in the transaction of the case; FTS5 on SQLite, a GIN index on PostgreSQL.

A typed piece is looked up in the vocabulary first (a few thousand words), never by scanning cases: the beginning of a
word, else its middle. Newest first needs no ranking, so common words cost no more than rare ones."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Integer,
    TableClause,
    TextClause,
    bindparam,
    column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from cac.expedientes.models import SearchWord
from core.identity import fold
from storage.prepared import prepared

WORD_MIN = 3
WORD_MAX = 60
TYPED_MAX = 8  # words of one question
BEGINNINGS = 64  # words that begin alike before the whole beginning is asked for
MIDDLES = 32

_ADD = {
    "sqlite": prepared(text("INSERT INTO expediente_search (rowid, words) VALUES (:id, :words)")),
    "postgresql": prepared(
        text("INSERT INTO expediente_search (id, words) VALUES (:id, array_to_tsvector(string_to_array(:words, ' ')))")
    ),
}
_CHANGE = {
    "sqlite": prepared(text("UPDATE expediente_search SET words = :words WHERE rowid = :id")),
    "postgresql": prepared(
        text("UPDATE expediente_search SET words = array_to_tsvector(string_to_array(:words, ' ')) WHERE id = :id")
    ),
}
_LEARN = {
    "sqlite": prepared(text("INSERT OR IGNORE INTO search_word (word) SELECT value FROM json_each(:words)")),
    "postgresql": prepared(
        text(
            "INSERT INTO search_word (word) SELECT json_array_elements_text(CAST(:words AS json)) ON CONFLICT DO NOTHING"
        )
    ),
}
_BEGIN = (
    select(SearchWord.word)
    .where(SearchWord.word >= bindparam("low"), SearchWord.word < bindparam("high"))
    .order_by(SearchWord.word)
    .limit(BEGINNINGS + 1)
)
_MIDDLE = (
    select(SearchWord.word).where(SearchWord.word.like(bindparam("like"))).order_by(SearchWord.word).limit(MIDDLES)
)


def dialect_of(session: Session) -> str:
    return session.get_bind().dialect.name


def index(session: Session, expediente_id: int, words: str, *, changed: bool = False) -> None:
    """Make a case findable by `words`, folded."""
    dialect = dialect_of(session)
    distinct = sorted(set(words.split()))
    (_CHANGE if changed else _ADD)[dialect](session, {"id": expediente_id, "words": " ".join(distinct)})
    learned = [word for word in distinct if WORD_MIN <= len(word) <= WORD_MAX and word.isalpha()]
    if learned:
        _LEARN[dialect](session, {"words": "[" + ",".join(f'"{word}"' for word in learned) + "]"})


def question(session: Session, typed: str) -> str | None:
    """The index's own query for what a person typed; None when no case can have it."""
    parts = []
    for word in fold(typed).split()[:TYPED_MAX]:
        choices = _choices(session, word)
        if not choices:
            return None
        parts.append(choices)
    if dialect_of(session) == "sqlite":
        return " AND ".join("(" + " OR ".join(f'"{word}"{star}' for word, star in choices) + ")" for choices in parts)
    marks = {"*": ":*", "": ""}
    return " & ".join("(" + " | ".join(f"'{word}'{marks[star]}" for word, star in choices) + ")" for choices in parts)


def _choices(session: Session, word: str) -> list[tuple[str, str]]:
    """(word, "*" when only its beginning is given) that a typed piece may stand for."""
    if not word.isalpha() or len(word) < WORD_MIN:
        return [(word[:WORD_MAX], "*")]
    beginnings = list(session.scalars(_BEGIN, {"low": word, "high": word + "\x7f"}))
    if len(beginnings) > BEGINNINGS or (beginnings and dialect_of(session) == "sqlite"):
        return [(word, "*")]
    if beginnings:
        return [(found, "") for found in beginnings]
    return [(found, "") for found in session.scalars(_MIDDLE, {"like": f"%{word}%"})]


def index_table(dialect: str) -> tuple[TableClause, ColumnClause[int], TextClause]:
    """The index, its column that is `expediente.id`, and the condition on it for the bind parameter `question`.

    Read in the index's own order, newest first, a page costs what it shows, however many cases match."""
    if dialect == "sqlite":
        rowid = column("rowid", Integer)
        return table("expediente_search", rowid), rowid, text("expediente_search MATCH :question")
    key = column("id", BigInteger)
    return table("expediente_search", key), key, text("expediente_search.words @@ CAST(:question AS tsquery)")
