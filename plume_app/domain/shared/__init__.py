"""What every room of the domain shares: the tree of expected failures."""
