"""What `servegen validate` accepts, compared with the validation code of Kubernetes itself: `make judge`."""
