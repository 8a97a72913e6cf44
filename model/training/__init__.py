"""The loop that trains: plan, batches, objectives, loss, optimizer, several processes."""
