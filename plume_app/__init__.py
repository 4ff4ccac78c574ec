"""Plume makes image files smaller, on your own computer, without surprises."""

__version__ = "0.1.0"
