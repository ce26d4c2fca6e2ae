"""Is the centre well: what a monitor, a load balancer and an operator ask."""
