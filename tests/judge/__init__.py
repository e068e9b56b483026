"""What `servegen validate` accepts, compared with the validation code of Kubernetes and KEDA: `make judge`."""
