"""Where a corpus lies, a folder or a store of objects, by the same few methods; who may write there; copies on this machine."""
