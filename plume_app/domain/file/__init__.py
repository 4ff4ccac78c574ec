"""Files and folders: which to take, where results go, and the only writer."""
