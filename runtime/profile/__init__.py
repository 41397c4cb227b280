"""How long a run takes, where, and for whom: told by the stages that `progress` names, and by the engine's calls."""
