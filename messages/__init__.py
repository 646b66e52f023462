"""How bytes become values and back: the one safe parser, one file per message kind, receipts."""
