"""The program: what a compiled project is. Versioned JSON, and the only thing that the runtime knows of it."""
