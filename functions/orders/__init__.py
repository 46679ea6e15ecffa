"""The rules of an order: pure Python that imports nothing but the standard library."""
