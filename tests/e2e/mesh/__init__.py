"""Tests of rendered routes through a real Envoy that a real Istio control plane configures."""
