"""The broker's adapters: the only room that knows Redis keys, scripts and clients."""
