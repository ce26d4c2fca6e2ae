"""Values in, paper out: papers, their bytes, the ports they leave by, the worker that sends them and says what it knows.

`build(paper, profile)` makes the bytes, `decoder.decode(bytes)` reads them back, `spool.Worker` prints them."""

from printing.builder import Built, build, build_counted
from printing.profile import Profile

__all__ = ["Built", "Profile", "build", "build_counted"]
