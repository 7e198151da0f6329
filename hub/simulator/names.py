"""Invented people live in invented places; these are the lists they are drawn from."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WOMEN = _words(
    """Ada Alma Amira Beatrice Bertha Camila Clara Dalia Dorothy Edith Elena Esther Fatima Florence Grace Hazel Helen
    Ingrid Irene Jasmine Josephine Keiko Laura Leila Lucille Mabel Margaret Maria Mei Nadia Norma Olga Pauline Priya
    Rosa Ruth Sadie Selma Sofia Susan Tamara Teresa Ursula Vera Violet Wanda Yolanda Zara"""
)
MEN = _words(
    """Aaron Abel Adrian Albert Amos Andre Anton Benjamin Bruno Carlos Cedric Chester Clarence Daniel Diego Edgar Elias
    Ernest Felix Francis Gerald Gustav Harold Henry Hugo Isaac Ivan James Jerome Jonas Julian Kenji Leon Luis Marcus
    Martin Nathan Omar Oscar Pablo Quentin Rafael Robert Samuel Stanley Theodore Victor Walter William Yusuf"""
)
NICKNAMES = {
    "Albert": "Al",
    "Beatrice": "Bea",
    "Benjamin": "Ben",
    "Daniel": "Dan",
    "Dorothy": "Dot",
    "Harold": "Harry",
    "Henry": "Hank",
    "James": "Jim",
    "Josephine": "Josie",
    "Margaret": "Peggy",
    "Robert": "Bob",
    "Samuel": "Sam",
    "Susan": "Sue",
    "Theodore": "Ted",
    "Walter": "Walt",
    "William": "Bill",
}
FAMILIES = _words(
    """Abbott Acosta Adler Alvarez Amari Anders Baker Baptiste Barnes Becker Bergstrom Bishop Blake Booker Brennan
    Calder Carver Castillo Chandra Chen Cohen Collins Cruz Dalton Davila Delgado Drake Dubois Ellison Engel Farouk
    Fischer Fletcher Foster Garza Gibbs Goldberg Grant Guzman Haddad Hansen Hayes Holloway Hughes Ibarra Iverson
    Jansen Jensen
    Joyner Kaplan Keller Kimura Kowalski Lambert Larsen Lindqvist Lopez Maddox Marino Mbeki Mercer Molina Moreau
    Nakamura Navarro Nguyen Novak Obi O'Brien Okafor Ortega Osborne Park Patel Pereira Quigley Quinn Ramirez Reed Rossi
    Sandoval Santos Schmidt Shah Silva Sorensen Steiner Tanaka Thornton Torres Underwood Valdez Vance Vargas Wagner
    Walsh Weaver Whitaker Yamamoto Yates Young Zamora Zeller Zimmer D'Angelo Smith-Jones Müller"""
)
STREETS = (
    *("Alder Street", "Birch Avenue", "Canal Road", "Cedar Lane", "Chestnut Street", "Church Street", "Depot Road"),
    *("Elm Street", "Ferry Street", "Harbor Street", "Hickory Drive", "Juniper Court", "Linden Avenue", "Maple Street"),
    *("Meadow Lane", "Mill Street", "Orchard Road", "Park Avenue", "Prospect Street", "Quarry Road", "River Road"),
    *(
        "School Street",
        "Spring Street",
        "Station Road",
        "Summit Avenue",
        "Sycamore Drive",
        "Union Street",
        "Willow Way",
    ),
)
CITIES = (
    ("Fairview", "12508"),
    ("Cold Brook", "13324"),
    ("Eastport", "11941"),
    ("Highland", "12528"),
    ("Lakewood", "14750"),
    ("Millbrook", "12545"),
    ("New Salem", "12186"),
    ("Riverton", "13811"),
)
RACES = (
    ("2106-3", "White"),
    ("2106-3", "White"),
    ("2106-3", "White"),
    ("2054-5", "Black or African American"),
    ("2028-9", "Asian"),
    ("2131-1", "Other Race"),
)
LANGUAGES = (("en", "English"),) * 5 + (("es", "Spanish"), ("zh", "Chinese"))
PAYERS = (
    ("MCARE", "Medicare", "PPO"),
    ("EVERGRN", "Evergreen Health Plan", "HMO"),
    ("NORTHSTAR", "North Star Mutual", "PPO"),
    ("MCAID", "Medicaid", "HMO"),
)
