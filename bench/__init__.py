"""Measures the cost and the latency of an order, beside the exercise's check and a baseline."""
