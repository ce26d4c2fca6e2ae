"""The talk with the centre: batches out, news in, by itself."""
