"""What the functions share: an order, its rules, and the AWS services that keep it."""
