from tests.cac.desk.conftest import clerk, issue, kiosk, sala

__all__ = ["clerk", "issue", "kiosk", "sala"]
