"""What Plume knows and decides, pure where it can be: no window, no database, no processes."""
