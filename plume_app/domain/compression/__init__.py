"""How a picture becomes smaller: settings, codecs, the engine, the verdict, the estimate."""
