"""Python as a command, whose warnings end it, but for what a later NumPy or Python deprecates."""

import sys

LATER = ("DeprecationWarning", "FutureWarning", "PendingDeprecationWarning")
STRICT = [sys.executable, "-W", "error"]
for kind in LATER:
    STRICT += ["-W", f"ignore::{kind}"]
