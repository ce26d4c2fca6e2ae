"""Whether a receipt of any cabin is true, told at this till without a link."""
