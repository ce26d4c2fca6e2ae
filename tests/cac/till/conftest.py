from tests.cac.till.town import at, cashier, receipt_printer, second, tupa

__all__ = ["at", "cashier", "receipt_printer", "second", "tupa"]
