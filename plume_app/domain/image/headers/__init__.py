"""Headers of picture files, one reader a format, without a decoder.

Every reader is `read(look: Look) -> Header`: it sees the file through a `Look`, which counts what was
looked at, and raises CorruptImage for a header that cannot be true. To add a format of ours: a module
here, a predicate and a line in `domain/image/header.py`.
"""
