"""Every question to the database and every write, as named functions; dataclasses in and out.

`batches`: what was run and what is queued. `results`: intents, records, what Plume knows of its own results.
`originals`: the undo store's rows. `statistics`: what was saved. `preferences`: key and JSON value.

Each takes the `Database` first, opens a connection of the calling thread when it has none, and is one
transaction when it writes. Paths are bytes (`os.fsencode`), hashes are SHA-256 in hex, sizes are bytes,
moments are `datetime` with a time zone.
"""
