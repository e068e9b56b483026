"""Rendered routes, asked through a real Envoy that a real Istio control plane drives."""
