from hub.routing.referrals.states import Step
from tools.referral_states import PAGE, written


def test_the_picture_is_that_of_the_table() -> None:
    """The page of a referral's states shows the transitions as the code has them."""
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page


def test_every_step_of_a_message_has_its_drivers() -> None:
    """The page says of each step that a message may say, in which messages."""
    page = PAGE.read_text(encoding="utf-8")
    drivers = page.partition("## What drives each step")[2]
    assert all(
        step.value in drivers for step in list(Step)[: list(Step).index(Step.CONFIRMED)] if step is not Step.READ
    )
