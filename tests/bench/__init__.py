"""Benchmarks of whole processes, which no test runs: `make bench`."""
