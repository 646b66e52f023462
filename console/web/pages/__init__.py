"""One file per page: its routes, and for each a function from an Ask to a View, a Done or a File."""
