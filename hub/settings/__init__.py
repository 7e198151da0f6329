"""Typed settings: ``HUB_*`` variables over ``config/hub.yaml``, and the site's feeds, rules and practices.

A folder of the configuration that is missing falls back to the defaults that ship with the hub; one that exists
is the site's own word. Everything wrong is one ``ConfigurationError`` naming file, key and what is allowed.
"""

from hub.settings.expect import Expect, Limits, Rate
from hub.settings.feed import Feed
from hub.settings.files import DEFAULT_CONFIG, DEFAULT_FIXTURES, files_of, load_file, name_of
from hub.settings.hearing import Escalation, Hears, Quiet, When
from hub.settings.parts import PluginUse, ReturnAddress, SecretRef, resolve
from hub.settings.profile import FeedTest, FieldProfile, Meaning, Place, ZField
from hub.settings.referrals import Referrals, Timing
from hub.settings.settings import (
    MIB,
    AdapterOptions,
    Settings,
    load_referrals,
    load_settings,
    load_site,
    referrals_file,
    variable,
)
from hub.settings.site import Clinician, Notify, Practice, Rule, RuleTest, Site
from hub.settings.table import Column, TableUse, Trailer

__all__ = [
    "DEFAULT_CONFIG",
    "DEFAULT_FIXTURES",
    "MIB",
    "AdapterOptions",
    "Clinician",
    "Column",
    "Escalation",
    "Expect",
    "Feed",
    "FeedTest",
    "FieldProfile",
    "Hears",
    "Limits",
    "Meaning",
    "Notify",
    "Place",
    "PluginUse",
    "Practice",
    "Quiet",
    "Rate",
    "Referrals",
    "ReturnAddress",
    "Rule",
    "RuleTest",
    "SecretRef",
    "Settings",
    "Site",
    "TableUse",
    "Timing",
    "Trailer",
    "When",
    "ZField",
    "files_of",
    "load_file",
    "load_referrals",
    "load_settings",
    "load_site",
    "name_of",
    "referrals_file",
    "resolve",
    "variable",
]
