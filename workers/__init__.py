"""Workers: when things happen. The daemon is built on this layer; nothing imports it."""
