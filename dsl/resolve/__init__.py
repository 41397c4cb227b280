"""Syntax trees of a project → one resolved model, with what is wrong about names and values."""
