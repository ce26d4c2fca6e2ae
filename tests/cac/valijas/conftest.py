from tests.cac.cabinas import centre_public, convenio, till, tupa

__all__ = ["centre_public", "convenio", "till", "tupa"]
