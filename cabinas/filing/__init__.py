"""Receiving an expediente with no network: number, money, paper and event in one transaction."""
