"""A fake Microsoft Graph on loopback: sign-in, mail, calendars and contacts over one world in memory. Begin at `world`.
"""

from tests.peers.google.clock import Clock
from tests.peers.graph.diary import at, attendee
from tests.peers.graph.message import person, x500
from tests.peers.graph.server import Graph, serving
from tests.peers.graph.world import World

__all__ = ["Clock", "Graph", "World", "at", "attendee", "person", "serving", "x500"]
