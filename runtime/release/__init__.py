"""Sending what is due: asked again on the newest facts, given to a gateway, and recorded."""
