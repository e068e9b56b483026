"""Validate rendered objects against the schemas of Kubernetes and custom resources: two engines on the same files."""
