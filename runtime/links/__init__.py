"""Short links: their key, what they lead to, the server that counts clicks."""
