"""The facts that every message of a campaign shares, by the path that copy names them with."""

from __future__ import annotations

from typing import Any

from dsl.model import Brand, Campaign
from dsl.templates.copy import Path


def constants(brand: Brand, campaign: Campaign) -> dict[Path, Any]:
    """`product.*`, `campaign.begins`, `campaign.ends`, `campaign.name`, `brand.name`."""
    begins, ends = campaign.runs.value
    found: dict[Path, Any] = {
        ("campaign", "begins"): begins,
        ("campaign", "ends"): ends,
        ("campaign", "name"): campaign.title,
        ("brand", "name"): brand.title,
    }
    if campaign.product:
        found[("product", "name")] = campaign.product.title
        found |= {("product", name): fact.value for name, fact in campaign.product.facts.items()}
    return found
