"""What tests stand on: a control plane, the service on it as it is run, and people who use it."""

import pytest

pytest.register_assert_rewrite("tests.support.problem")  # what is asserted there then says as much as in a test
