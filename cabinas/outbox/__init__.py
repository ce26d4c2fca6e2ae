"""What this cabin did, as signed events in the order it did it; the only thing it sends."""
