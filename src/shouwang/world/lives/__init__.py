"""What befalls households, one theme a module: each tells the story's departments what they would come to know."""

from shouwang.world.lives import ground, health, households, learning, relief, work
from shouwang.world.people import County
from shouwang.world.story import Story

THEMES = (
    health.illness,
    health.enrolment,
    health.disability,
    health.accidents,
    work.jobs,
    learning.school,
    ground.disasters,
    ground.houses,
    ground.water,
    work.setbacks,
    relief.assistance,
    relief.complaints,
    relief.assets,
    households.incomes,
    households.vital_events,
    households.register,
)
"""In this order, for later themes read what earlier ones left with the story."""


def live(county: County) -> Story:
    """One county's months from beginning to end."""
    story = Story(county)
    for theme in THEMES:
        theme(county, story)
    return story
