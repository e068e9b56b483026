"""Rendered objects against the schemas of Kubernetes and of custom resources, by two engines on the same files."""
