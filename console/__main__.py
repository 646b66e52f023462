"""`python -m console`: the same as the command `coedi`."""

from console.main import main

main()
