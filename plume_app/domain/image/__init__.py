"""One picture: what it is, what it has, what it looks like, what it says of itself."""
