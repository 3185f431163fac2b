"""The door for what comes in: fields nobody declared, or that may not be taken, never arrive.

An ASGI middleware that reads each request along the `intake` of the data map before the
application does. Dropped and counted are: fields nobody declared, items the person granted a
linked service no scope for, whatever else the gate refuses to have collected, and items that are
never kept (face data); card numbers are cut out of texts where the policy keeps none. In mode
``log`` everything arrives unchanged and is told. Law: APPI 17, 20.
"""

from seiyaku.doors.ingress.asgi import Ingress
from seiyaku.doors.ingress.judge import Taken

__all__ = ["Ingress", "Taken"]
