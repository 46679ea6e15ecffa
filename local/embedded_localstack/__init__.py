"""LocalStack on this machine without Docker: its plug-ins, and the commands that run it."""
