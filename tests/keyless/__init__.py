"""A keyless world of one's own on loopback: issuer, certificate authority, log and clock, all throw-away."""

from tests.keyless.bends import Bends
from tests.keyless.world import World

__all__ = ["Bends", "World"]
