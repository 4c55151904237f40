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

-- Its tokens, made by package search. "keys" are what it is filtered by, who may
-- find it among them, so that one look-up answers the whole question.
sqlite: CREATE VIRTUAL TABLE search_words USING fts5(title, body, keys, content='', contentless_delete=1,
  detail=column, prefix='2 3', tokenize="ascii tokenchars '-./_:='");

postgres: CREATE TABLE search_words (
  rowid BIGINT PRIMARY KEY,
  title TSVECTOR NOT NULL,
  whole TSVECTOR NOT NULL
);
postgres: CREATE INDEX search_words_title ON search_words USING gin (title) WITH (fastupdate = off);
postgres: CREATE INDEX search_words_whole ON search_words USING gin (whole) WITH (fastupdate = off);
