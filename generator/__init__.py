"""servegen: kustomize bases and overlays for inference services, from short specs in Git."""

__version__ = "1.0.0"
