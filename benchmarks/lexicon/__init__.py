"""What the shipped packs' words find in real messages, and what they leave alone. `python -m benchmarks.lexicon` measures.

Labels and how they were made: GUIDE.md. The texts may not be republished: they are read from a folder beside the repository.
"""
