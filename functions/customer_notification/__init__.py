"""Tells the customer what becomes of an order."""
