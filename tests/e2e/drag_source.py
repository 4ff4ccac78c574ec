"""A small GTK window to drag files from: `drag_source.py X Y FILE-WITH-URI-LIST`. Run by the system's Python.

It offers nothing but `text/uri-list`, as file managers under Wayland do. Prints "ready" once it is on the screen.
"""

from __future__ import annotations

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

SIDE_PX = 60


def main() -> None:
    x, y = int(sys.argv[1]), int(sys.argv[2])
    window = Gtk.Window(type=Gtk.WindowType.POPUP)
    window.set_default_size(SIDE_PX, SIDE_PX)
    window.move(x, y)
    box = Gtk.EventBox()
    box.add(Gtk.Label(label="drag"))
    box.drag_source_set(
        Gdk.ModifierType.BUTTON1_MASK, [Gtk.TargetEntry.new("text/uri-list", 0, 0)], Gdk.DragAction.COPY
    )

    def give(_widget: Gtk.Widget, _context: object, data: Gtk.SelectionData, _info: int, _time: int) -> None:
        with open(sys.argv[3], "rb") as file:  # noqa: PTH123 - read at each drag
            data.set(data.get_target(), 8, file.read())

    box.connect("drag-data-get", give)
    window.add(box)
    window.show_all()
    GLib.timeout_add(200, lambda: print("ready", flush=True))
    GLib.timeout_add_seconds(120, Gtk.main_quit)  # never longer than any test
    Gtk.main()


if __name__ == "__main__":
    main()
