"""Rules about when: windows, quiet hours, expiry."""

from __future__ import annotations

from collections.abc import Iterator

from dsl import week
from dsl.daysoff import estimated
from dsl.diagnostics import Place, Related, Severity
from dsl.model import Campaign, Model, Placed
from dsl.rules.registry import Worded, rule
from dsl.terms import BeforeHoliday, Happening, Quiet, Window

_MINUTE = 60_000_000
_WEIGHTS: tuple[Severity, ...] = ("error", "warning", "info")


@rule("CAMP401", "window-in-quiet-hours", "error")
def window_in_quiet_hours(model: Model) -> Iterator[Worded]:
    """
    What: The campaign's window lies wholly inside the quiet hours of its policy.
    Why: Nothing could ever be sent, and the campaign would be silent without a word.
    Bad:
        campaign late { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window 22:30-23:30
          message sms { text "Hello" }
        }
    Good:
        campaign late { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window 20:30-21:30
          message sms { text "Hello" }
        }
    Source: The article: no messages between 22:00 and 08:00.
    """
    for campaign in model.campaigns.values():
        if campaign.window:
            yield from _swallowed(campaign, campaign.window)


@rule("CAMP402", "expires-before-opening", "error")
def expires_before_opening(model: Model) -> Iterator[Worded]:
    """
    What: The campaign expires sooner than the longest wait between two openings of its window.
    Why: Whoever starts right after an opening closes would be dropped before the next one, every week.
    Bad:
        campaign weekly { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window wed 16:00-18:00
          expire after 2 days
          message sms { text "Hello" }
        }
    Good:
        campaign weekly { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start once
          window wed 16:00-18:00
          expire after 7 days
          message sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        found = _openings(campaign)
        gap = week.longest_gap(found)
        if campaign.expire and found and campaign.expire.value < gap * _MINUTE:
            related = (Related("its window", campaign.window.place),) if campaign.window else ()
            days, hours = divmod(-(-gap // 60), 24)
            wait = f"{days} days {hours} hours" if hours else f"{days} days"
            help = f"Its openings lie up to {wait} apart: let it expire after that, or open more often."
            yield Worded(campaign.expire.place, "This expires before the window opens again", help, related)


@rule("CAMP403", "event-start-needs-expire", "error")
def event_start_needs_expire(model: Model) -> Iterator[Worded]:
    """
    What: A campaign that starts when something happens does not say after what time it is too late.
    Why: The first run would answer what customers did months ago.
    Bad:
        campaign eager { policy rules; kind triggered; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start when count(tick in last 7 days) reaches 4
          message sms { text "Hello" }
        }
    Good:
        campaign eager { policy rules; kind triggered; runs 2026-03-01..2026-03-31
          audience { assets > 1 CNY }
          start when count(tick in last 7 days) reaches 4
          expire after 3 days
          message sms { text "Hello" }
        }
    """
    for campaign in model.campaigns.values():
        if isinstance(campaign.start.value, Happening) and campaign.expire is None and not campaign.broken:
            message = f"The campaign `{campaign.name}` starts when something happens, and never expires"
            yield Worded(campaign.start.place, message, "Add a line such as `expire after 3 days`.")


@rule("CAMP404", "step-in-quiet-hours", "error")
def step_in_quiet_hours(model: Model) -> Iterator[Worded]:
    """
    What: A step's own window lies wholly inside the quiet hours of the campaign's policy.
    Why: The step could never be taken.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 2 days { window 22:30-23:30; message sms { text "Hello again" } }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 2 days { window 20:30-21:30; message sms { text "Hello again" } }
        }
    """
    for campaign in model.campaigns.values():
        for step in campaign.steps:
            if step.window:
                yield from _swallowed(campaign, step.window)


@rule("CAMP405", "window-partly-quiet", "warning")
def window_partly_quiet(model: Model) -> Iterator[Worded]:
    """
    What: A part of a window lies inside the quiet hours of the policy.
    Why: Nothing is sent in that part: whoever planned for it should know.
    Bad:
        campaign late { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          window 20:00-23:00
          message sms { text "Hello" }
        }
    Good:
        campaign late { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          window 20:00-22:00
          message sms { text "Hello" }
        }
    Source: The article: no messages between 22:00 and 08:00.
    """
    for campaign in model.campaigns.values():
        # Whole days of rest are no part of a day's hours.
        quiets = [one for one in _quiets(campaign) if not one.value.days and not one.value.holidays]
        for window in (campaign.window, *(step.window for step in campaign.steps)):
            if window is None or not quiets:
                continue
            whole, left = (_minutes(week.openings(window.value, of)) for of in ((), [one.value for one in quiets]))
            if 0 < left < whole:
                related = tuple(
                    Related(f"the quiet hours of `{campaign.policy.name}`", quiet.place) for quiet in quiets
                )
                help = "Move the window's end, or leave it: nothing is sent in quiet hours."
                said = "A part of this window lies in quiet hours, and nothing is sent in it"
                yield Worded(window.place, said, help, related)


def _minutes(found: week.Openings) -> int:
    return sum(end - start for start, end in found)


@rule("CAMP406", "step-after-the-end", "error")
def step_after_the_end(model: Model) -> Iterator[Worded]:
    """
    What: A step comes later after the entry than the campaign runs.
    Why: Nobody would ever get it.
    Bad:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-07
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 10 days { message sms { text "Hello again" } }
        }
    Good:
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
          step again after 10 days { message sms { text "Hello again" } }
        }
    """
    for campaign in model.campaigns.values():
        first, last = campaign.runs.value
        length = ((last - first).days + 1) * 1440 * _MINUTE
        for step in campaign.steps:
            if step.after >= length:
                related = (Related("the days it runs", campaign.runs.place),)
                help = "Let it come earlier, or let the campaign run longer."
                yield Worded(step.place, f"The step `{step.name}` comes after the campaign has ended", help, related)


@rule("CAMP422", "holidays-not-known", "error")
def holidays_not_known(model: Model) -> Iterator[Worded]:
    """
    What: A policy is quiet on holidays, and the brand does not say whose holidays they are.
    Why: Messages would go out on every holiday.
    Bad:
        policy strict { quiet 22:00-08:00; quiet holidays }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    Good:
        brand bank "某行" { zone "Europe/Paris"; currency CNY; holidays "FR"; signature "Bank"; opt_out "STOP" }
        policy strict { quiet 22:00-08:00; quiet holidays }
        campaign gift { policy strict; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          message sms { text "Hello" }
        }
    """
    if model.brand.holidays is None and not model.brand.broken:
        for campaign in model.campaigns.values():
            days = [one for one in campaign.policy.quiet if one.value.holidays]
            quiet = next((one for one in days if one.note.in_force(*campaign.runs.value)), None)
            if quiet:
                related = (Related(f"the quiet days of `{campaign.policy.name}`", quiet.place),)
                help = 'Add a line such as `holidays "FR"` to the brand.'
                said = "The brand does not say whose holidays are meant"
                yield Worded(campaign.place, said, help, related, quiet.note.severity)


def _swallowed(campaign: Campaign, window: Placed[Window]) -> Iterator[Worded]:
    """A window of which quiet hours leave nothing; those that only warn are told with their weight."""
    for weight in _WEIGHTS:
        quiets = _quiets(campaign, weight)
        if quiets and not week.openings(window.value, [quiet.value for quiet in quiets]):
            related = tuple(Related(f"the quiet hours of `{campaign.policy.name}`", quiet.place) for quiet in quiets)
            help = "Move the window into the hours that the policy leaves open."
            yield Worded(window.place, "The quiet hours leave nothing of this window", help, related, weight)
            return


def _quiets(campaign: Campaign, weight: Severity = "error") -> list[Placed[Quiet]]:
    """The quiet hours of every day of the campaign that weigh at least as much."""
    weights, days = _WEIGHTS[: _WEIGHTS.index(weight) + 1], campaign.runs.value
    every = campaign.policy.quiet
    return [one for one in every if one.note.severity in weights and one.note.in_force_throughout(*days)]


@rule("CAMP421", "holidays-not-published", "warning")
def holidays_not_published(model: Model) -> Iterator[Worded]:
    """
    What: A campaign asks about workdays or holidays of a year whose calendar is not published yet.
    Why: Make-up days and the days around a holiday are decreed late in the year before; until then they are estimated.
    Bad:
        brand bank "某行" { zone "Asia/Shanghai"; currency CNY; holidays "CN"; signature "【某行】"; opt_out "拒收请回复R" }
        campaign gift { policy rules; kind benefit; runs 2031-03-01..2031-03-31
          audience { region = "county" }
          start once
          window workdays 10:00-11:00
          message sms { text "Hello" }
        }
    Good:
        brand bank "某行" { zone "Asia/Shanghai"; currency CNY; holidays "CN"; signature "【某行】"; opt_out "拒收请回复R" }
        campaign gift { policy rules; kind benefit; runs 2026-03-01..2026-03-31
          audience { region = "county" }
          start once
          window workdays 10:00-11:00
          message sms { text "Hello" }
        }
    Source: 国务院办公厅关于部分节假日安排的通知, each November for the year that follows
    """
    country = model.brand.holidays.value if model.brand.holidays else None
    for campaign in model.campaigns.values():
        place = _asks_for_holidays(campaign)
        if country is None or place is None:
            continue
        first, last = campaign.runs.value
        guessed = [str(year) for year in range(first.year, last.year + 1) if estimated(year, country)]
        if guessed:
            years = ", ".join(guessed) if len(guessed) < 4 else f"{guessed[0]} to {guessed[-1]}"
            said = f"The holidays of {years} are not published yet: this rests on an estimate"
            yield Worded(
                place, said, "Compile again once they are published; they are read from the `holidays` library."
            )


def _asks_for_holidays(campaign: Campaign) -> Place | None:
    windows = [campaign.window, *(step.window for step in campaign.steps)]
    for window in windows:
        if window and (window.value.skip_holidays or window.value.on == "workdays"):
            return window.place
    if isinstance(campaign.start.value, BeforeHoliday):
        return campaign.start.place
    extra = next((cap.place for cap in campaign.policy.caps if cap.value.extras), None)
    return extra or next((one.place for one in campaign.policy.quiet if one.value.holidays), None)


def _openings(campaign: Campaign) -> week.Openings:
    quiets = [quiet.value for quiet in _quiets(campaign)]
    return week.openings(campaign.window.value if campaign.window else None, quiets)
