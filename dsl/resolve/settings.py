"""Settings that name something of the world: zones, holiday calendars, telephone regions.

The libraries that know them are asked only where the name is not among the ones that banks in this market write.
"""

from __future__ import annotations

from dsl.model import Placed
from dsl.resolve.scope import Scope
from dsl.rules import values
from dsl.suggest import nearest


def zone(scope: Scope, written: Placed[str]) -> bool:
    """Whether the tz database has such a zone."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(written.value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        guess = nearest(written.value, zoneinfo.available_timezones())
        help = f'Did you mean "{guess}"?' if guess else 'Write a name of the tz database, as "Asia/Shanghai".'
        scope.tell(values.unreadable_setting(written.place, f'There is no time zone "{written.value}"', help))
        return False
    return True


def country(scope: Scope, written: Placed[str]) -> bool:
    """Whether the holiday library knows the country."""
    if written.value == "CN":
        return True
    from holidays.utils import list_supported_countries

    if written.value in list_supported_countries(include_aliases=True):
        return True
    help = 'Write a country code of two letters, as "CN".'
    scope.tell(values.unreadable_setting(written.place, f'No holiday calendar is called "{written.value}"', help))
    return False


def region(scope: Scope, written: Placed[str]) -> bool:
    """Whether the telephone library knows the region."""
    if written.value == "CN":
        return True
    import phonenumbers

    if written.value in phonenumbers.SUPPORTED_REGIONS:
        return True
    help = 'Write a country code of two letters, as "CN".'
    scope.tell(values.unreadable_setting(written.place, f'No telephone region is called "{written.value}"', help))
    return False
