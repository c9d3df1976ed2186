"""What stands on the wire: Pydantic models in camelCase, separate for create, update and view."""
