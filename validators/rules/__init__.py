"""The rules of the trade, one function each, one file a topic."""
