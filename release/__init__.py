"""Makes the files of a release: `make dist`. Not part of the package."""
