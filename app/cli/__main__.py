"""`python -m app.cli`, the same as the command `secretspace`."""

from app.cli.program import main

main()
