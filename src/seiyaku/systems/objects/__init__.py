"""Object stores with the S3 interface (Amazon S3, Cloudflare R2, MinIO) as a company system.

A row is one *stored* thing under a name: a version, a delete marker, or an upload that was
begun and never ended; a plain delete of a versioned object removes none of them. What the store
itself locks (object lock, legal hold, a bucket lock) is a conflict between retention and erasure:
it is left, counted and told, never forced.
"""

from seiyaku.systems.objects.bucket import Bucket, Stored
from seiyaku.systems.objects.names import Names
from seiyaku.systems.objects.system import ObjectsSystem

__all__ = ["Bucket", "Names", "ObjectsSystem", "Stored"]
