"""Runs Lambda functions as plain processes: LocalStack's executor plug-in `process`."""
