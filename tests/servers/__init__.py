"""Tests that run rendered Deployments with real model servers, each in a pod of this machine's namespaces."""
