"""What the functions use of AWS: tables, workflow, bus, queues, logs, and their environment."""
