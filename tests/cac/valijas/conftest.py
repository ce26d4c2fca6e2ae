from tests.cac.cabinas import centre_public, convenio, till, tupa
from tests.cac.desk.conftest import sala

__all__ = ["centre_public", "convenio", "sala", "till", "tupa"]
