"""The encoders alone, in a warm process: the CPU seconds that pictures cost without Plume's shell.

`bench_encoders.py FOLDER PART PARTS` opens and encodes every PARTS-th file of the folder, from PART on, with the
default settings, and prints {"cpu_s": seconds}. As many run side by side as Plume has workers: a core that is
busy beside another, or that is half of one, takes more CPU seconds for the same work.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import plume_app.jobs.preload  # noqa: F401 - the encoders as a worker has them, memory and threads included
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.pixels import Source


def main() -> None:
    """Encode each file once; reading is not counted."""
    codecs, settings, spent = all_codecs(), Settings(), 0.0
    for codec in codecs.values():
        codec.preload()
    folder, part, parts = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number, path in enumerate(sorted(folder.iterdir())[part::parts]):
        data = path.read_bytes()
        start = time.process_time()
        source = Source.open(data)
        encode = codecs[source.header.format].encode
        if encode is not None:
            encode(source, settings)
        if number:  # the first one also loads what is loaded on first use
            spent += time.process_time() - start
    print(json.dumps({"cpu_s": spent}))


if __name__ == "__main__":
    main()
