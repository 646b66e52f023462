"""How a message moves: stage, advance, worker loop, relay and transports."""
