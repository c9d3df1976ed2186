import pytest

from tests.unit.services.in_memory import House


@pytest.fixture
def house() -> House:
    return House()
