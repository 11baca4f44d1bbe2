"""A fake Google on loopback: OAuth, Gmail, Calendar and People over one world in memory. Begin at `world`."""

from tests.peers.google.clock import Clock
from tests.peers.google.mailbox import decimal
from tests.peers.google.server import Google, serving
from tests.peers.google.world import World

__all__ = ["Clock", "Google", "World", "decimal", "serving"]
