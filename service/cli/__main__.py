"""`python -m service.cli`: the same as the command `rongjiu`."""

from service.cli.commands import main

main()
