"""Tests of servegen's output with a real API server, scheduler, Argo CD and Flux on the loopback device."""
