from tests.cac.desk.conftest import clerk, issue, kiosk, sala
from tests.cac.opinions.conftest import attend

__all__ = ["attend", "clerk", "issue", "kiosk", "sala"]
