"""The drawer: ledger, remittances, extornos, the close of the day."""
