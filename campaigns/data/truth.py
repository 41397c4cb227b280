"""What is true of the simulated month (month.py), and what a report of it therefore has to find."""

from __future__ import annotations

SEED = 20260304
DELIVERED = 0.97  # of what was released
REFUSES = 0.004  # of what was delivered: R, or 退订
TAKEN = DELIVERED * (1 - REFUSES)
ORGANIC = 0.0008  # a customer, on any day, applies without having been asked

# Of what was delivered is clicked: by campaign, by what its arm says, and by the hour of the release.
CLICKED = 0.12
BY_CAMPAIGN = {
    "fast_lane": 0.25,
    "renovation_spring": 0.18,
    "county_spring": 0.09,
    "lapsed_return": 0.05,
    "youth_credit": 0.2,
}
ARMS = {"flexible": 0.10, "easy": 0.24}  # of white_collar
SAYS = {"flexible": "随借随还", "easy": "在线签约"}  # how a message of white_collar tells its arm
HOURS = {10: 0.8, 12: 1.0, 16: 0.9, 19: 1.3}
# From a click on, each of those before.
ASKS, RECKONS, APPLIES = 0.7, 0.6, 0.5
REACHES = ASKS * RECKONS * APPLIES
APPROVED, FUNDED = 0.65, 0.9

SURVEYS = (("newcomer_lesson", "third"),)  # they ask for a mark: 5, or 1
ANSWERS, SATISFIED = 0.5, 0.91

PRODUCTS = {
    "renovation_loan": "renovation",
    "consumer_loan": "consumer",
    "car_loan": "car",
    "mortgage": "mortgage",
    "business_loan": "business",
    "farm_loan": "farm",
    "pure_credit": "credit",
    "vip_credit": "vip",
    "combined_loan": "combined",
    "return_loan": "return",
}


def clicks(campaign: str, text: str, hour: int) -> float:
    """How likely a delivered message is clicked."""
    arms = [ARMS[arm] for arm, word in SAYS.items() if word in text and campaign == "white_collar"]
    return (arms or [BY_CAMPAIGN.get(campaign, CLICKED)])[0] * HOURS.get(hour, 1.0)
