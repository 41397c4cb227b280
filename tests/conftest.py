"""What holds for every test: commands speak English, whatever the machine's locale is."""

from __future__ import annotations

import os

os.environ["CAMP_LANG"] = "en"
