"""SQLite through peewee: every question and every write is a named function."""
