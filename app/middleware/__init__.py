"""Pure ASGI, one concern a file; `app.main` says in which order."""
