"""Referral loops: which referral a message speaks of, what it moves, and what is due next. Pure.

``said`` what one message says of referrals · ``correlation`` which referral that is · ``states`` the table of
transitions · ``fold`` a referral out of its signals · ``book`` the referrals of one batch · ``events`` what is told
of them · ``timers`` what is due, by whom · ``tasks`` what somebody has to do when a referral is stuck.
"""
