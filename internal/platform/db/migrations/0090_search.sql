-- What can be found. n gives the order of hits: larger come first; it is made of
-- the record's sort key and, below it, a hash of the record's name.
CREATE TABLE search_doc (
  n BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  language TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, id)
);

-- Its tokens, made by package search: its words, the words of its title once more
-- with a sign before them, and what it is filtered by, who may find it included,
-- so that one look-up answers the whole question.
sqlite: CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1,
  detail=none, prefix='2 3 4', tokenize="ascii tokenchars '-./_:=+'");

postgres: CREATE TABLE search_words (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
postgres: CREATE INDEX search_words_words ON search_words USING gin (words) WITH (fastupdate = off);
