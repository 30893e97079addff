"""Scales without an overall grade: the sentences by which inspectorates and papers grade aspects, and their movement."""

# ruff: noqa: E501 -- sentences are read whole

from __future__ import annotations

import pytest

# Who a release is about, who inspects it, the year, and the inspectorate's own address.
RELEASES = {
    "prison": (
        "HMP Ashford",
        "HM Inspectorate of Prisons",
        2023,
        "https://hmiprisons.justiceinspectorates.gov.uk/x",
    ),
    "force": ("Northshire Police", "HMICFRS", 2024, "https://hmicfrs.justiceinspectorates.gov.uk/x"),
    "force in 2019": ("Northshire Police", "HMICFRS", 2019, "https://hmicfrs.justiceinspectorates.gov.uk/x"),
    "fire service": (
        "Northshire Fire and Rescue Service",
        "HMICFRS",
        2024,
        "https://hmicfrs.justiceinspectorates.gov.uk/x",
    ),
    "fire service in 2019": (
        "Northshire Fire and Rescue Service",
        "HMICFRS",
        2019,
        "https://hmicfrs.justiceinspectorates.gov.uk/x",
    ),
    "home": ("Millbank Care Home", "The Care Inspectorate", 2024, "https://careinspectorate.com/x"),
    "nursery": ("Birkhill Nursery", "The Care Inspectorate", 2024, "https://careinspectorate.com/x"),
    "school in Scotland": ("Craigie High School", "Education Scotland", 2024, "https://education.gov.scot/x"),
    "school in Wales": ("Brynmawr Primary School", "Estyn", 2019, "https://estyn.gov.wales/x"),
    "school in Wales in 2014": ("Brynmawr Primary School", "Estyn", 2014, "https://estyn.gov.wales/x"),
    "home in Wales": (
        "Plas Gwyn Care Home",
        "Care Inspectorate Wales",
        2025,
        "https://careinspectorate.wales/x",
    ),
}


@pytest.fixture(scope="module")
def report_on(a_release):
    return lambda whom, sentence: a_release(*RELEASES[whom], sentence)


def now(report):
    return {j.aspect: j.grade for j in report.judgements}


def before(report):
    return {j.aspect: j.previous for j in report.judgements if j.previous}


GRADED = [
    (
        "prison",
        "Outcomes for prisoners were poor for safety and not sufficiently good for respect.",
        {"safety": "poor", "respect": "not sufficiently good"},
    ),
    (
        "prison",
        "We found that outcomes for prisoners were good for safety and respect, and reasonably good for purposeful activity and preparation for release.",
        {
            "safety": "good",
            "respect": "good",
            "purposeful activity": "reasonably good",
            "preparation for release": "reasonably good",
        },
    ),
    (
        "prison",
        "At this inspection we found that outcomes for prisoners were: reasonably good for safety, good for respect, poor for purposeful activity and reasonably good for preparation for release.",
        {
            "safety": "reasonably good",
            "respect": "good",
            "purposeful activity": "poor",
            "preparation for release": "reasonably good",
        },
    ),
    (
        "prison",
        "Outcomes were good across all four healthy prison tests.",
        {
            "safety": "good",
            "respect": "good",
            "purposeful activity": "good",
            "preparation for release": "good",
        },
    ),
    (
        "prison",
        "The prison was judged ‘not sufficiently good’ in all four healthy prison tests.",
        {
            "safety": "not sufficiently good",
            "respect": "not sufficiently good",
            "purposeful activity": "not sufficiently good",
            "preparation for release": "not sufficiently good",
        },
    ),
    (
        "prison",
        "The centre was judged reasonably good in all healthy establishment areas.",
        {
            "safety": "reasonably good",
            "respect": "reasonably good",
            "purposeful activity": "reasonably good",
            "preparation for release": "reasonably good",
        },
    ),
    (
        "prison",
        "The prison was assessed as “reasonably good” in all four healthy prison tests: safety, respect, purposeful activity and preparation for release.",
        {
            "safety": "reasonably good",
            "respect": "reasonably good",
            "purposeful activity": "reasonably good",
            "preparation for release": "reasonably good",
        },
    ),
    (
        "prison",
        "Safety was judged to be poor, respect reasonably good and purposeful activity not sufficiently good.",
        {"safety": "poor", "respect": "reasonably good", "purposeful activity": "not sufficiently good"},
    ),
    (
        "prison",
        "Inspectors graded safety and purposeful activity as poor, the lowest possible grade.",
        {"safety": "poor", "purposeful activity": "poor"},
    ),
    (
        "prison",
        "The jail was given the lowest possible grade for safety and purposeful activity.",
        {"safety": "poor", "purposeful activity": "poor"},
    ),
    ("prison", "The jail received the highest possible grade for respect.", {"respect": "good"}),
    (
        "prison",
        "The prison was rated good in three of four categories and reasonably good when it came to purposeful activity.",
        {"purposeful activity": "reasonably good"},
    ),
    (
        "prison",
        "HMP Ashford was rated as poor for safety, not sufficiently good for respect, poor for purposeful activity and reasonably good for rehabilitation and release planning.",
        {
            "safety": "poor",
            "respect": "not sufficiently good",
            "purposeful activity": "poor",
            "preparation for release": "reasonably good",
        },
    ),
    (
        "prison",
        "Inspectors found the prison reasonably good in the areas of safety, respect and preparation for release, but poor in purposeful activity.",
        {
            "safety": "reasonably good",
            "respect": "reasonably good",
            "preparation for release": "reasonably good",
            "purposeful activity": "poor",
        },
    ),
    (
        "prison",
        "The areas of safety, respect and resettlement were assessed to be at the highest level of ‘good’, with the remaining category of ‘purposeful activity’ assessed at the second highest level of ‘reasonably good’.",
        {
            "safety": "good",
            "respect": "good",
            "preparation for release": "good",
            "purposeful activity": "reasonably good",
        },
    ),
    (
        "prison",
        "Of the four healthy prison tests, three – respect, purposeful activity and preparation for release – were reasonably good and safety was not sufficiently good.",
        {
            "respect": "reasonably good",
            "purposeful activity": "reasonably good",
            "preparation for release": "reasonably good",
            "safety": "not sufficiently good",
        },
    ),
    (
        "force",
        "The force was graded good at preventing crime and adequate at managing offenders.",
        {
            "preventing and deterring crime and anti-social behaviour": "good",
            "managing offenders and suspects": "adequate",
        },
    ),
    ("force", "Northshire Police is good at investigating crime.", {"investigating crime": "good"}),
    (
        "force",
        "Northshire Police is good in how it treats the public.",
        {"treating the public fairly and with respect": "good"},
    ),
    (
        "force",
        "The force requires improvement at managing offenders.",
        {"managing offenders and suspects": "requires improvement"},
    ),
    (
        "force",
        "The force ‘requires improvement’ in how it responds to the public.",
        {"responding to the public": "requires improvement"},
    ),
    (
        "force",
        "It was rated outstanding for the way it protects vulnerable people.",
        {"protecting vulnerable people": "outstanding"},
    ),
    (
        "force",
        "The force was judged to be adequate in four areas: responding to the public, investigating crime, protecting vulnerable people and managing offenders.",
        {
            "responding to the public": "adequate",
            "investigating crime": "adequate",
            "protecting vulnerable people": "adequate",
            "managing offenders and suspects": "adequate",
        },
    ),
    (
        "force",
        "It was graded adequate in the following areas: investigating crime and protecting vulnerable people.",
        {"investigating crime": "adequate", "protecting vulnerable people": "adequate"},
    ),
    (
        "force",
        "Inspectors graded the force’s performance as ‘outstanding’ in recording crime data, ‘good’ in five areas, ‘adequate’ in two and ‘requires improvement’ in responding to the public.",
        {"recording data about crime": "outstanding", "responding to the public": "requires improvement"},
    ),
    (
        "force",
        "The force received an ‘outstanding’ grade for disrupting serious organised crime.",
        {"disrupting serious organised crime": "outstanding"},
    ),
    (
        "force",
        "The force was the only one to receive ‘outstanding’ in building, supporting and protecting the workforce and ‘good’ ratings for responding to the public and investigating crime.",
        {
            "building and supporting the workforce": "outstanding",
            "responding to the public": "good",
            "investigating crime": "good",
        },
    ),
    (
        "force",
        "Northshire Police was found to be inadequate at responding to the public and requiring improvement in investigating crime.",
        {"responding to the public": "inadequate", "investigating crime": "requires improvement"},
    ),
    (
        "force",
        "The force was told it was inadequate in the way it responds to the public.",
        {"responding to the public": "inadequate"},
    ),
    (
        "force",
        "HMICFRS said the force’s leadership was adequate and that it was good at supporting its workforce.",
        {"building and supporting the workforce": "good"},
    ),
    (
        "force in 2019",
        "Northshire Police: is ‘good’ at effectively reducing crime and keeping people safe; is ‘outstanding’ at operating efficiently and providing sustainable services to the public; and is ‘good’ at how it treats the public and its workforce.",
        {"effectiveness": "good", "efficiency": "outstanding", "legitimacy": "good"},
    ),
    (
        "force in 2019",
        "The force is ‘good’ at how legitimately it treats the public and its workforce.",
        {"legitimacy": "good"},
    ),
    (
        "force in 2019",
        "Northshire Police’s effectiveness at keeping people safe and reducing crime is good.",
        {"effectiveness": "good"},
    ),
    (
        "force in 2019",
        "The force is ‘good’ at investigating crime and reducing re-offending, and ‘requires improvement’ in how it tackles serious and organised crime.",
        {"investigating crime": "good", "disrupting serious organised crime": "requires improvement"},
    ),
    (
        "force in 2019",
        "It was graded good for effectiveness and efficiency, and requires improvement for legitimacy.",
        {"effectiveness": "good", "efficiency": "good", "legitimacy": "requires improvement"},
    ),
    (
        "force in 2019",
        "Northshire Police has been graded as ‘Good’ across all three pillars: effectiveness, efficiency and legitimacy.",
        {"effectiveness": "good", "efficiency": "good", "legitimacy": "good"},
    ),
    (
        "fire service",
        "The service is now outstanding in its response to major and multi-agency incidents.",
        {"responding to major incidents": "outstanding"},
    ),
    (
        "fire service",
        "Its performance was inadequate at promoting fairness and diversity.",
        {"promoting fairness and diversity": "inadequate"},
    ),
    (
        "fire service",
        "The service ‘requires improvement’ in preventing fire and risk, best use of resources and future affordability.",
        {
            "preventing fire and risk": "requires improvement",
            "best use of resources": "requires improvement",
            "future affordability": "requires improvement",
        },
    ),
    (
        "fire service",
        "It is good at understanding fire and risk, and adequate at getting the right people with the right skills.",
        {"understanding fire and risk": "good", "right people and skills": "adequate"},
    ),
    (
        "fire service in 2019",
        "The extent to which the service is effective at keeping people safe and secure from fire and other risks requires improvement.",
        {"effectiveness": "requires improvement"},
    ),
    (
        "fire service in 2019",
        "The extent to which the service is efficient at keeping people safe and secure from fire and other risks is good.",
        {"efficiency": "good"},
    ),
    (
        "fire service in 2019",
        "The extent to which the service looks after its people requires improvement.",
        {"people": "requires improvement"},
    ),
    (
        "fire service in 2019",
        "The service was judged to require improvement for effectiveness and people, and inadequate for efficiency.",
        {
            "effectiveness": "requires improvement",
            "people": "requires improvement",
            "efficiency": "inadequate",
        },
    ),
    (
        "fire service in 2019",
        "It was rated good in all three areas: effectiveness, efficiency and how well it looks after its people.",
        {"effectiveness": "good", "efficiency": "good", "people": "good"},
    ),
    (
        "home",
        "The home was graded 5 out of 6 (very good) for supporting people’s wellbeing and 4 out of 6 (good) for leadership.",
        {"wellbeing": "very good", "leadership": "good"},
    ),
    (
        "home",
        "It received ‘very good’ for wellbeing and ‘good’ for staffing.",
        {"wellbeing": "very good", "staff": "good"},
    ),
    (
        "home",
        "The care home achieved a grade of six – classed as excellent – for its setting and leadership.",
        {"setting": "excellent", "leadership": "excellent"},
    ),
    ("home", "The home was awarded grade 5, very good, for staff team.", {"staff": "very good"}),
    (
        "home",
        "Wellbeing and leadership were evaluated as weak, and the setting as adequate.",
        {"wellbeing": "weak", "leadership": "weak", "setting": "adequate"},
    ),
    ("home", "Leadership was evaluated as very good.", {"leadership": "very good"}),
    (
        "home",
        "It was given grades of 3 or ‘adequate’ for wellbeing, leadership and setting.",
        {"wellbeing": "adequate", "leadership": "adequate", "setting": "adequate"},
    ),
    (
        "home",
        "It was graded very good for its quality of care, environment, staffing and management.",
        {
            "quality of care and support": "very good",
            "quality of environment": "very good",
            "staff": "very good",
            "quality of management and leadership": "very good",
        },
    ),
    (
        "home",
        "Its quality of care, environment and management were all graded as very good.",
        {
            "quality of care and support": "very good",
            "quality of environment": "very good",
            "quality of management and leadership": "very good",
        },
    ),
    (
        "home",
        "Inspectors awarded an “excellent” six star grading for their level of care and support as well as a “very good” rating for their management and leadership skills.",
        {"quality of care and support": "excellent", "quality of management and leadership": "very good"},
    ),
    (
        "home",
        "We evaluated how well the home supports people’s wellbeing as very good.",
        {"wellbeing": "very good"},
    ),
    (
        "home",
        "The home scored five for wellbeing, five for leadership and four for its setting.",
        {"wellbeing": "very good", "leadership": "very good", "setting": "good"},
    ),
    (
        "home",
        "Inspectors gave the home a ‘weak’ rating for wellbeing and ‘unsatisfactory’ ratings for leadership and staffing.",
        {"wellbeing": "weak", "leadership": "unsatisfactory", "staff": "unsatisfactory"},
    ),
    (
        "nursery",
        "It was given a 4, meaning good, for ‘how good is our leadership?’ and ‘how good is our staff team?’.",
        {"leadership": "good", "staff": "good"},
    ),
    (
        "nursery",
        "The two other categories assessed, ‘how good is our care, play and learning?’ and ‘how good is our setting?’, were rated as 3, meaning adequate.",
        {"care, play and learning": "adequate", "setting": "adequate"},
    ),
    (
        "nursery",
        "Birkhill Nursery earned a grade of six – classed as “excellent” – across the board for its levels of care, play and learning, setting, leadership and staff.",
        {
            "care, play and learning": "excellent",
            "setting": "excellent",
            "leadership": "excellent",
            "staff": "excellent",
        },
    ),
    (
        "nursery",
        "The nursery received a grading of ‘5’ (Very Good) in each of the four core evaluations of its service - setting, leadership, staff team and care, play and learning.",
        {
            "care, play and learning": "very good",
            "setting": "very good",
            "leadership": "very good",
            "staff": "very good",
        },
    ),
    (
        "nursery",
        "Care, play and learning and setting were graded good, leadership and staff team very good.",
        {
            "care, play and learning": "good",
            "setting": "good",
            "leadership": "very good",
            "staff": "very good",
        },
    ),
    (
        "school in Scotland",
        "Inspectors evaluated leadership of change as very good and raising attainment and achievement as good.",
        {"leadership of change": "very good", "raising attainment and achievement": "good"},
    ),
    (
        "school in Scotland",
        'The school received a "good" for the quality of its work to "ensure wellbeing, equality and inclusion".',
        {"ensuring wellbeing, equality and inclusion": "good"},
    ),
    (
        "school in Scotland",
        'It secured "satisfactory" in three areas - leadership of change; learning, teaching and assessment; and raising attainment and achievement.',
        {
            "leadership of change": "satisfactory",
            "learning, teaching and assessment": "satisfactory",
            "raising attainment and achievement": "satisfactory",
        },
    ),
    (
        "school in Scotland",
        "Learning, teaching and assessment and raising attainment and achievement were both evaluated as weak.",
        {"learning, teaching and assessment": "weak", "raising attainment and achievement": "weak"},
    ),
    (
        "school in Scotland",
        "The school was graded ‘very good’ in all four quality indicators: leadership of change; learning, teaching and assessment; ensuring wellbeing, equality and inclusion; and raising attainment and achievement.",
        {
            "leadership of change": "very good",
            "learning, teaching and assessment": "very good",
            "ensuring wellbeing, equality and inclusion": "very good",
            "raising attainment and achievement": "very good",
        },
    ),
    (
        "school in Scotland",
        "It was rated as satisfactory for raising attainment and achievement, and weak for learning, teaching and assessment.",
        {"raising attainment and achievement": "satisfactory", "learning, teaching and assessment": "weak"},
    ),
    (
        "school in Scotland",
        "Inspectors rated the school “good” for learning, teaching and assessment and “satisfactory” for ensuring wellbeing, equality and inclusion.",
        {
            "learning, teaching and assessment": "good",
            "ensuring wellbeing, equality and inclusion": "satisfactory",
        },
    ),
    (
        "school in Scotland",
        "Securing children’s progress was graded as very good.",
        {"securing children's progress": "very good"},
    ),
    (
        "school in Wales",
        "Standards were judged excellent and leadership and management good.",
        {"standards": "excellent", "leadership and management": "good"},
    ),
    (
        "school in Wales",
        "The school was rated excellent in all five categories: standards, wellbeing and attitudes to learning, teaching and learning experiences, care, support and guidance, and leadership and management.",
        {
            "standards": "excellent",
            "wellbeing and attitudes to learning": "excellent",
            "teaching and learning experiences": "excellent",
            "care, support and guidance": "excellent",
            "leadership and management": "excellent",
        },
    ),
    (
        "school in Wales",
        "The school has improved to record ‘excellent’ grades in the categories of standards: wellbeing and attitudes towards learning, teaching and learning experience, care support and guidance, and leadership and management.",
        {
            "standards": "excellent",
            "wellbeing and attitudes to learning": "excellent",
            "teaching and learning experiences": "excellent",
            "care, support and guidance": "excellent",
            "leadership and management": "excellent",
        },
    ),
    (
        "school in Wales",
        "Inspectors judged the school to be good for standards and wellbeing and adequate for teaching and leadership.",
        {
            "standards": "good",
            "wellbeing and attitudes to learning": "good",
            "teaching and learning experiences": "adequate and needs improvement",
            "leadership and management": "adequate and needs improvement",
        },
    ),
    (
        "school in Wales",
        "It was found to be ‘adequate and needs improvement’ for standards, teaching and learning experiences and leadership and management.",
        {
            "standards": "adequate and needs improvement",
            "teaching and learning experiences": "adequate and needs improvement",
            "leadership and management": "adequate and needs improvement",
        },
    ),
    (
        "school in Wales in 2014",
        "The school’s current performance was judged to be good and its prospects for improvement excellent.",
        {"current performance": "good", "prospects for improvement": "excellent"},
    ),
    (
        "school in Wales in 2014",
        "The school was graded as excellent for both its current performance and its prospects for improvement.",
        {"current performance": "excellent", "prospects for improvement": "excellent"},
    ),
    (
        "school in Wales in 2014",
        'For wellbeing the school was graded "excellent" for the way in which pupils work independently.',
        {"wellbeing": "excellent"},
    ),
    (
        "home in Wales",
        "The home was rated excellent for well-being and good for care and support, leadership and management, and environment.",
        {
            "well-being": "excellent",
            "care and support": "good",
            "leadership and management": "good",
            "environment": "good",
        },
    ),
    (
        "home in Wales",
        "The service received ‘good’ ratings across all four themes: well-being, care and support, leadership and management, and environment.",
        {
            "well-being": "good",
            "care and support": "good",
            "leadership and management": "good",
            "environment": "good",
        },
    ),
    (
        "home in Wales",
        "Environment was rated as ‘requires improvement’.",
        {"environment": "requires improvement"},
    ),
]


@pytest.mark.parametrize(("whom", "sentence", "grades"), GRADED, ids=[s for _, s, _ in GRADED])
def test_a_sentence_grades_the_aspects_that_it_names(report_on, whom, sentence, grades):
    report = report_on(whom, sentence)

    assert now(report) == grades
    assert before(report) == {}
    assert report.claims == "unknown"


MOVED = [
    (
        "prison",
        "Safety had declined from reasonably good to poor.",
        {"safety": "poor"},
        {"safety": "reasonably good"},
        "downgrade",
    ),
    (
        "prison",
        "Outcomes for safety had deteriorated from good to reasonably good, while respect had improved from poor to not sufficiently good.",
        {"safety": "reasonably good", "respect": "not sufficiently good"},
        {"safety": "good", "respect": "poor"},
        "mixed",
    ),
    (
        "prison",
        "Outcomes for prisoners had improved in safety from poor to reasonably good.",
        {"safety": "reasonably good"},
        {"safety": "poor"},
        "upgrade",
    ),
    (
        "prison",
        "Purposeful activity remained poor and preparation for release remained not sufficiently good.",
        {"purposeful activity": "poor", "preparation for release": "not sufficiently good"},
        {"purposeful activity": "poor", "preparation for release": "not sufficiently good"},
        "unchanged",
    ),
    ("prison", "The prison had improved in two of our healthy prison tests.", {}, {}, "upgrade"),
    ("prison", "Outcomes had improved for respect and purposeful activity.", {}, {}, "upgrade"),
    ("prison", "Outcomes had declined in three of the four healthy prison tests.", {}, {}, "downgrade"),
    ("prison", "Our scores had fallen in two healthy prison tests and risen in one.", {}, {}, "mixed"),
    ("prison", "Outcomes had improved in safety but declined in respect.", {}, {}, "mixed"),
    (
        "prison",
        "At our last inspection in 2020, outcomes for prisoners were poor for safety and reasonably good for respect. At this inspection outcomes were reasonably good for both safety and respect.",
        {"safety": "reasonably good", "respect": "reasonably good"},
        {"safety": "poor", "respect": "reasonably good"},
        "upgrade",
    ),
    ("prison", "There had been a decline in two of our healthy prison tests.", {}, {}, "downgrade"),
    ("prison", "Our healthy prison assessments had improved in three areas.", {}, {}, "upgrade"),
    (
        "force",
        "The force has moved from good to adequate for investigating crime.",
        {"investigating crime": "adequate"},
        {"investigating crime": "good"},
        "downgrade",
    ),
    (
        "force",
        "Its grade for managing offenders fell from good to requires improvement.",
        {"managing offenders and suspects": "requires improvement"},
        {"managing offenders and suspects": "good"},
        "downgrade",
    ),
    (
        "force",
        "Investigating crime was rated inadequate, down from adequate at the last inspection.",
        {"investigating crime": "inadequate"},
        {"investigating crime": "adequate"},
        "downgrade",
    ),
    (
        "force",
        "The force improved from inadequate to adequate in responding to the public, and from adequate to good in protecting vulnerable people.",
        {"responding to the public": "adequate", "protecting vulnerable people": "good"},
        {"responding to the public": "inadequate", "protecting vulnerable people": "adequate"},
        "upgrade",
    ),
    ("force", "Grades had improved in four areas and fallen in two.", {}, {}, "mixed"),
    (
        "fire service",
        "The service’s performance was rated good for responding to fires and emergencies, up from requires improvement.",
        {"responding to fires and emergencies": "good"},
        {"responding to fires and emergencies": "requires improvement"},
        "upgrade",
    ),
    (
        "fire service",
        "Promoting the right values and culture had gone from requires improvement to good.",
        {"promoting values and culture": "good"},
        {"promoting values and culture": "requires improvement"},
        "upgrade",
    ),
    (
        "home",
        "The grade for leadership dropped from good to weak.",
        {"leadership": "weak"},
        {"leadership": "good"},
        "downgrade",
    ),
    (
        "home",
        "Leadership rose from 3 (adequate) to 5 (very good).",
        {"leadership": "very good"},
        {"leadership": "adequate"},
        "upgrade",
    ),
    (
        "school in Wales",
        "Care, support and guidance moved from good to excellent.",
        {"care, support and guidance": "excellent"},
        {"care, support and guidance": "good"},
        "upgrade",
    ),
]


@pytest.mark.parametrize(
    ("whom", "sentence", "grades", "former", "movement"), MOVED, ids=[s for _, s, *_ in MOVED]
)
def test_aspects_move_where_both_grades_or_the_movement_are_told(
    report_on, whom, sentence, grades, former, movement
):
    report = report_on(whom, sentence)

    assert now(report) == grades
    assert before(report) == former
    assert report.claims == movement


SILENT = [
    (
        "school in Wales",
        "The school was judged good in all five inspection areas.",
    ),  # which they are, it leaves open
    ("home in Wales", "The home was rated excellent in all four themes."),
    ("prison", "Relationships were reasonably good and the food was poor."),
    ("prison", "Prisoners said that safety was poor."),
    ("prison", "Healthy prison outcomes could be good for respect if leaders acted."),
    ("prison", "Safety had improved since the last inspection but violence remained high."),
    ("prison", "Staffing levels had improved in two areas of the prison."),
    ("force", "The force is good at working with partners."),
    ("force", "The force is not good at investigating crime."),
    ("force", "The force needs to be good at investigating crime."),
    ("force", "Other forces were graded good at investigating crime."),
    ("home", "Staff were very good and the setting was excellent for walks."),
    ("home", "One relative said that leadership was excellent."),
    ("school in Wales", "Standards of reading are good."),
    ("prison", "Health care remained good and resettlement services were poor."),
    ("prison", "Only 12% of prisoners said safety was good."),
    (
        "prison",
        "The new governor hoped that outcomes would be reasonably good for safety at the next inspection.",
    ),
    ("prison", "HMP Birch nearby was judged poor for safety."),
    ("prison", "Outcomes in other open prisons were good for safety."),
    ("prison", "In 2019 outcomes had improved in two healthy prison tests."),
    ("prison", "Outcomes had not improved in any of the healthy prison tests."),
    ("prison", "The prison had improved in a number of areas."),
    ("prison", "There had been improvements in three areas of the kitchen."),
    ("prison", "Of the 25 recommendations, progress was reasonably good in purposeful activity."),
    ("prison", "Purposeful activity was poorly planned and respect was good on the wings."),
    ("prison", "Support for preparation for release was good."),
    ("prison", "Levels of violence had fallen in three areas."),
    ("force", "The chief constable said the force is good at investigating crime."),
    ("force", "Officers are good at responding to the public."),
    ("force", "The force is good at some things and adequate at others."),
    ("force", "It needs to become good at managing offenders."),
    ("force", "Victims said the force was inadequate at investigating crime."),
    ("force", "Most forces are adequate at investigating crime."),
    ("force", "Complaints had fallen in four areas and grades were published for the first time."),
    ("force", "The force has good leadership and makes good use of resources."),
    ("force", "Crime prevention work is good in schools."),
    ("fire service", "Fire engines are adequate for responding to emergencies."),
    ("fire service", "Staff require improvement in fire regulation training."),
    ("home", "Management of medication was good and staff were very good at planning."),
    ("home", "The food was excellent and the environment was good."),
    ("home", "Care planning was good for most people."),
    ("home", "Relatives rated the leadership as excellent."),
    ("home", "The provider runs six homes for wellbeing and received five for staff awards."),
    ("home", "Residents scored four for games and five for leadership."),
    ("home", "Risk management and care planning were weak."),
    ("home", "A grade of good for leadership means that strengths outweigh weaknesses."),
    ("home", "The home wants to be rated very good for leadership."),
    ("home", "Staff wellbeing was very good."),
    ("nursery", "How good is our leadership? The report explains."),
    ("school in Scotland", "Standards of behaviour are good and leadership is excellent, parents said."),
    ("school in Scotland", "Teachers are very good at raising attainment and achievement."),
    ("school in Scotland", "Progress in reading was evaluated as good."),
    ("school in Scotland", "Children’s attainment in literacy was very good."),
    ("school in Wales", "Teaching in the early years is good and leadership is strong."),
    ("school in Wales", "Standards of writing were judged to be good."),
    ("school in Wales", "Pupils’ wellbeing is excellent."),
    ("school in Wales", "Leaders evaluated teaching as good."),
    ("home in Wales", "The environment is good for walks."),
    ("home in Wales", "Wellbeing sessions were rated excellent by residents."),
]


@pytest.mark.parametrize(("whom", "sentence"), SILENT, ids=[s for _, s in SILENT])
def test_plain_words_hopes_and_the_views_of_others_grade_no_aspect(report_on, whom, sentence):
    report = report_on(whom, sentence)

    assert now(report) == {}
    assert report.claims == "unknown"


def test_all_other_tests_are_not_all_of_them(report_on):
    report = report_on(
        "prison", "Only respect was judged reasonably good, with all other tests assessed as poor."
    )

    assert now(report) == {"respect": "reasonably good"}


def test_care_inspectorate_wales_is_not_taken_for_scotlands(report_on):
    assert report_on("home in Wales", "The home was rated good for environment.").scale == "ciw-4"
    assert report_on("home", "The home was rated good for leadership.").scale == "ci-6"


@pytest.mark.parametrize(
    ("whom", "sentence", "expected"),
    [
        (
            "school in Scotland",
            "It was found weak for leadership of change, learning, teaching and assessment, securing children's progress and "
            "ensuring wellbeing, equality and inclusion. It was graded weak for leadership of change, learning, teaching and "
            "assessment, securing children's progress and ensuring wellbeing, equality and inclusion.",
            dict.fromkeys(
                (
                    "leadership of change",
                    "learning, teaching and assessment",
                    "securing children's progress",
                    "ensuring wellbeing, equality and inclusion",
                ),
                "weak",
            ),
        ),
        (
            "school in Scotland",
            "The school's leadership of change was rated as weak as was its raising attainment and achievement.",
            {"leadership of change": "weak", "raising attainment and achievement": "weak"},
        ),
        (
            "school in Scotland",
            "It was rated good for leadership of change. The nursery's raising attainment and achievement was rated weak and its "
            "securing children's progress good.",
            {"leadership of change": "good"},
        ),
        (
            "school in Scotland",
            "It received good and very good grades across the board, including areas such as securing children's progress.",
            {},
        ),
        ("school in Scotland", "It was rated excellent in all five areas.", {}),
        (
            "home",
            "It was rated weak on all fronts, covering the environment, staffing and management.",
            {
                "quality of environment": "weak",
                "staff": "weak",
                "quality of management and leadership": "weak",
            },
        ),
        (
            "home",
            "The home may close after an inspection graded it unsatisfactory for the quality of care and support.",
            {"quality of care and support": "unsatisfactory"},
        ),
        (
            "home",
            "The quality of care and support provided to residents was found to be 'adequate'.",
            {"quality of care and support": "adequate"},
        ),
        ("home", "It will be good for staffing, provided it is rated good for leadership.", {}),
        (
            "home",
            "It received 'weak' ratings for its care and support, staffing and leadership.",
            {
                "quality of care and support": "weak",
                "staff": "weak",
                "quality of management and leadership": "weak",
            },
        ),
        (
            "home",
            "It received 'weak' ratings for its wellbeing, staffing and leadership.",
            {"wellbeing": "weak", "staff": "weak", "leadership": "weak"},
        ),
    ],
)
def test_each_grade_is_for_the_aspects_that_it_is_said_to_be_for(report_on, whom, sentence, expected):
    assert now(report_on(whom, sentence)) == expected
