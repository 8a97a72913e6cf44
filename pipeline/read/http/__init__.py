"""An answer of a server as browsers read it: its head, codings, media type and charset."""
