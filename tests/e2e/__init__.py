"""A real API server, scheduler, Argo CD and Flux on the loopback device, and what they say of our output."""
