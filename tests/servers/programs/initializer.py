"""What the image kserve/storage-initializer runs: it fetches each source to the folder that follows it."""

import sys

from kserve_storage import Storage

if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
    sys.stdout.write("Usage: initializer-entrypoint src_uri dest_path [src_uri dest_path ...]\n")
    sys.exit(0)  # as the real one
Storage.download_files(sys.argv[1::2], sys.argv[2::2])
