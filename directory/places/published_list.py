"""The directory as published: districts, the inboxes of their Permanency Coordinators, offices.

Inboxes and the districts they serve: the department's Permanency Coordinator contact list. It names
eight inboxes for fourteen of the sixteen districts. Two addresses reached us damaged (a stray
backslash; spaces); they are repaired here and marked as to be confirmed. Offices are a sample: no
list of the Community Services Centres by district is published, and the real ones are to be
confirmed with each district.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.clock import SYDNEY

FALLBACK_KEY = "fallback"
NOT_PUBLISHED = "Inbox not published"


@dataclass(frozen=True)
class ListedInbox:
    """An inbox of the contact list; `repaired` says what was repaired in its address."""

    key: str
    name: str
    address: str
    repaired: str = ""


@dataclass(frozen=True)
class ListedDistrict:
    """A district, the key of its inbox where one is published, and the names of its offices."""

    slug: str
    name: str
    inbox: str | None
    offices: tuple[str, ...]
    time_zone: str = SYDNEY


@dataclass(frozen=True)
class PublishedList:
    """Everything that one loading of the directory takes in."""

    inboxes: tuple[ListedInbox, ...]
    districts: tuple[ListedDistrict, ...]


INBOXES = (
    ListedInbox(
        "hunter-central-coast",
        "Hunter and Central Coast",
        "PermanencySupportHunterCentralCoast@facs.nsw.gov.au",
    ),
    ListedInbox("new-england", "New England", "NewEnglandPermanencySupportTeam@facs.nsw.gov.au"),
    ListedInbox(
        "illawarra-shoalhaven-southern",
        "Illawarra Shoalhaven and Southern NSW",
        "ISSNSWPermanencySupport@facs.nsw.gov.au",
    ),
    ListedInbox("mid-north-coast", "Mid North Coast", "MNCPermanency@facs.nsw.gov.au"),
    ListedInbox("northern-nsw", "Northern NSW", "NNSWPermanency@facs.nsw.gov.au"),
    ListedInbox("western-nsw", "Western NSW", "WesternPractice.Permanency@facs.nsw.gov.au"),
    ListedInbox(
        "sydney-south-eastern-northern-south-western",
        "Sydney, South Eastern, Northern and South Western Sydney",
        "SSESNS_SWSPermanencySupport@facs.nsw.gov.au",
        repaired="Repaired: the list shows a backslash before the underscore.",
    ),
    ListedInbox(
        "western-sydney-nepean-blue-mountains",
        "Western Sydney and Nepean Blue Mountains",
        "WSNBMPermanencySupport@facs.nsw.gov.au",
        repaired="Repaired: the list shows spaces inside the address.",
    ),
)

DISTRICTS = (
    ListedDistrict("central-coast", "Central Coast", "hunter-central-coast", ("Tuggerah",)),
    ListedDistrict(
        "far-west", "Far West", None, ("Broken Hill", "Dareton"), time_zone="Australia/Broken_Hill"
    ),
    ListedDistrict(
        "hunter",
        "Hunter",
        "hunter-central-coast",
        ("Cessnock", "Charlestown", "Maitland", "Mayfield", "Muswellbrook", "Raymond Terrace"),
    ),
    ListedDistrict(
        "illawarra-shoalhaven",
        "Illawarra Shoalhaven",
        "illawarra-shoalhaven-southern",
        ("Nowra", "Shellharbour", "Wollongong"),
    ),
    ListedDistrict(
        "mid-north-coast",
        "Mid North Coast",
        "mid-north-coast",
        ("Coffs Harbour", "Kempsey", "Port Macquarie", "Taree"),
    ),
    ListedDistrict(
        "murrumbidgee", "Murrumbidgee", None, ("Albury", "Deniliquin", "Griffith", "Wagga Wagga")
    ),
    ListedDistrict(
        "nepean-blue-mountains",
        "Nepean Blue Mountains",
        "western-sydney-nepean-blue-mountains",
        ("Hawkesbury", "Lithgow", "Penrith", "St Marys"),
    ),
    ListedDistrict(
        "new-england", "New England", "new-england", ("Armidale", "Inverell", "Moree", "Tamworth")
    ),
    ListedDistrict(
        "northern-nsw",
        "Northern NSW",
        "northern-nsw",
        ("Ballina", "Grafton", "Lismore", "Tweed Heads"),
    ),
    ListedDistrict(
        "northern-sydney",
        "Northern Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Pymble",),
    ),
    ListedDistrict(
        "south-eastern-sydney",
        "South Eastern Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Eastern Sydney", "St George", "Sutherland"),
    ),
    ListedDistrict(
        "south-western-sydney",
        "South Western Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Bankstown", "Campbelltown", "Fairfield", "Ingleburn", "Liverpool"),
    ),
    ListedDistrict(
        "southern-nsw",
        "Southern NSW",
        "illawarra-shoalhaven-southern",
        ("Batemans Bay", "Bega", "Goulburn", "Queanbeyan"),
    ),
    ListedDistrict(
        "sydney",
        "Sydney",
        "sydney-south-eastern-northern-south-western",
        ("Burwood", "Central Sydney", "Lakemba"),
    ),
    ListedDistrict(
        "western-nsw",
        "Western NSW",
        "western-nsw",
        ("Bathurst", "Bourke", "Dubbo", "Orange", "Walgett"),
    ),
    ListedDistrict(
        "western-sydney",
        "Western Sydney",
        "western-sydney-nepean-blue-mountains",
        ("Auburn", "Blacktown", "Mt Druitt", "Parramatta"),
    ),
)

PUBLISHED = PublishedList(INBOXES, DISTRICTS)
