"""Assertions of the store contract explain themselves as those of a test file do."""

import pytest

pytest.register_assert_rewrite("shared.testing.store_contract")
