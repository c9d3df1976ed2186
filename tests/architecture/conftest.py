"""The application, never started, and its document."""

from typing import Any

import pytest
from fastapi import FastAPI

from app.main import create_app
from app.openapi import schema
from app.settings import Settings


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The application by its default settings, whatever the environment says."""
    return create_app(Settings.model_construct())


@pytest.fixture(scope="session")
def document(app: FastAPI) -> dict[str, Any]:
    """What it says of itself."""
    return schema(app)
