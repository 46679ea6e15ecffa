"""What an order costs and how long it takes, against the way of the exercise and the floor."""
