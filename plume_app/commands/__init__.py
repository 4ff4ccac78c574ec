"""What the page may ask for: importing this registers every command.

To add one: a decorated function in a module here, and the contract generated anew (build/contract.py).
"""

from plume_app.commands import compression, database, file, history, stats

__all__ = ["compression", "database", "file", "history", "stats"]
