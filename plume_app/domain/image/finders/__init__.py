"""What a picture has that could be lost, one finder a format, in pure Python and without decoding pixels.

Every finder is `find(data, header) -> Traits` and takes odd data as it comes: what cannot be read is not
there. They run in workers. To add a format of ours: a module here and a line in `domain/image/traits.py`.
"""
