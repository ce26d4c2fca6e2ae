from tests.cac.counter import at, clerk, tupa  # noqa: F401
