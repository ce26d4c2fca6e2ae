"""What happened here to the cases of a cabin that its till must know: told with the answer to each of its batches."""
