"""The sentences of each paper that a municipality may say in its own words, and the languages a ticket is printed in.

Numbers, amounts, dates, what the law asks for and what staff reads stay as the templates write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Invalid

SPANISH, QUECHUA, ENGLISH = "es", "qu", "en"
LANGUAGES = {SPANISH: "Español", QUECHUA: "Quechua", ENGLISH: "Inglés"}
_ORDER = tuple(LANGUAGES)
LINE, TWO_LINES = 48, 90
PLACE = re.compile(r"\{([^{}]*)\}")


class TextWrong(Invalid):
    code = "papel.texto"
    detail = "Ese texto no puede ir en el papel."


@dataclass(frozen=True, slots=True)
class Sentence:
    """`label` for who edits it; `words` the program's own, in the order of LANGUAGES, Spanish alone where a paper has no other;
    `places` are what is filled in when it is printed, each with what it means."""

    label: str
    words: tuple[str, ...] = ("",)
    longest: int = TWO_LINES
    places: Mapping[str, str] | None = None

    def default(self, language: str) -> str:
        return self.words[_ORDER.index(language)] if len(self.words) > 1 else self.words[0]


HEAD, FOOT = Sentence("Debajo de la oficina", longest=LINE * 2), Sentence("Al final", longest=LINE * 3)

SENTENCES: dict[str, dict[str, Sentence]] = {
    "ticket": {
        "head": HEAD,
        "title": Sentence("Encima del número", ("SU TURNO", "TURNOYKI", "YOUR NUMBER"), longest=24),
        "seat": Sentence("Qué hacer", ("Tome asiento.", "Tiyaykuy.", "Please take a seat."), longest=LINE),
        "look": Sentence(
            "Dónde mirar",
            (
                "Mire la pantalla y escuche su número.",
                "Pantallata qaway, yupayniykita uyariy.",
                "Watch the screen and listen for your number.",
            ),
        ),
        "calls": Sentence(
            "Cuántas veces se llama",
            ("Le llamaremos {llamadas}.", "{llamadas} waqyasqaykiku.", "We will call you {llamadas}."),
            places={"llamadas": "3 veces"},
        ),
        "follow": Sentence(
            "Debajo del código QR",
            ("Siga su turno en su celular", "Celularniykipi turnoykita qatiy", "Follow your turn on your phone"),
        ),
        "missed": Sentence(
            "Si no oyó su llamado",
            (
                "Si no oyó su llamado, avise en {informes}.",
                "Mana uyarispaykiqa, {informes}pi willay.",
                "If you missed your call, tell {informes}.",
            ),
            places={"informes": "Informes"},
        ),
        "today": Sentence(
            "Hasta cuándo vale",
            (
                "Este ticket vale solo hoy.",
                "Kay ticketqa kunan punchawllapaqmi.",
                "This ticket is valid today only.",
            ),
        ),
        "foot": FOOT,
    },
    "cargo": {
        "head": HEAD,
        "follow": Sentence("Debajo del código QR", ("Vea cómo va su trámite",)),
        "keep": Sentence(
            "Antes de la verificación",
            ("Este cargo prueba que usted presentó su trámite. Consérvelo.",),
        ),
        "proof": Sentence("Debajo del código que se comprueba", ("Compruebe este recibo",)),
        "foot": FOOT,
    },
    "recibo": {"head": HEAD, "foot": FOOT},
    "z": {"head": HEAD, "foot": FOOT},
    "liquidacion": {"head": HEAD, "foot": FOOT},
    "valija": {
        "head": HEAD,
        "receive": Sentence("Debajo del código QR", ("Quien recibe la valija lee este código",)),
        "count": Sentence("Después de las firmas", ("Quien recibe cuenta los folios antes de firmar.",)),
        "foot": FOOT,
    },
    "caratula": {"head": HEAD, "foot": FOOT},
    "reporte": {"head": HEAD, "foot": FOOT},
    "tupa": {"head": HEAD, "foot": FOOT},
    "cartel": {
        "head": HEAD,
        "title": Sentence("Título", ("Saque su turno con el celular",), longest=LINE),
        "first": Sentence("Primer paso", ("Apunte la cámara a este código.",)),
        "second": Sentence("Segundo paso", ("Elija lo que necesita: su número aparece en el celular.",)),
        "third": Sentence("Tercer paso", ("Vea cuántas personas faltan y acérquese cuando le llamen.",)),
        "without": Sentence(
            "Quien no tiene celular", ("Sin celular, saque su ticket en el kiosco o pida ayuda en Informes.",)
        ),
        "foot": FOOT,
    },
}
OF_THE_CENTRE = ("ticket", "caratula", "reporte", "tupa", "cartel")  # which no cabin prints


def languages_of(kind: str) -> tuple[str, ...]:
    """The languages a paper is printed in; only a ticket has another than Spanish."""
    return _ORDER if any(len(one.words) > 1 for one in SENTENCES[kind].values()) else (SPANISH,)


def checked(kind: str, name: str, typed: str) -> str:
    """A typed sentence as it is kept: in NFC, one space between words, no control characters. Raises TextWrong."""
    sentence = SENTENCES[kind][name]
    clean = "".join(c for c in typed if c.isspace() or unicodedata.category(c)[0] != "C")
    text = " ".join(unicodedata.normalize("NFC", clean).split())
    if len(text) > sentence.longest:
        raise TextWrong(f"Hasta {sentence.longest} letras; tiene {len(text)}.", field=name)
    known = sentence.places or {}
    unknown = [place for place in PLACE.findall(text) if place not in known]
    if unknown or "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
        may = ", ".join(f"{{{place}}}" for place in known)
        raise TextWrong(f"Entre llaves solo puede ir {may}." if may else "Aquí no van llaves.", field=name)
    return text


def say(kind: str, name: str, language: str, own: Mapping[str, str], **places: str) -> str:
    """The sentence as the paper says it: the municipality's own words, else the program's; "" for a paper without any."""
    if kind not in SENTENCES:
        return ""
    text = own[name] if name in own else SENTENCES[kind][name].default(language)
    for place, value in places.items():
        text = text.replace(f"{{{place}}}", value)
    return text


# What a ticket says around its figures, which nobody edits

_LABELS = {
    "ahead": ("Antes que usted", "Ñawpaqniykipi", "Ahead of you"),
    "wait": ("Espera aproximada", "Suyanayki", "Estimated wait"),
    "slot": ("Su cita", "Citayki", "Your appointment"),
    "taken": ("Ticket sacado", "Ticket hurqusqa", "Ticket taken"),
    "preferente": ("ATENCIÓN PREFERENTE", "ÑAWPAQTA YANAPAY", "PRIORITY SERVICE"),
    "nobody": ("nadie", "mana pipas", "nobody"),
    "person": ("{n} persona", "{n} runa", "{n} person"),
    "people": ("{n} personas", "{n} runakuna", "{n} people"),
    "once": ("{n} vez", "{n} kuti", "once"),
    "times": ("{n} veces", "{n} kuti", "{n} times"),
    "a minute": ("1 minuto o menos", "1 minuto utaq pisi", "1 minute or less"),
    "less than": ("menos de {n} minutos", "0-{n} minuto", "less than {n} minutes"),
    "minutes": ("{n} minutos", "{n} minuto", "{n} minutes"),
    "between": ("{low} a {n} minutos", "{low}-{n} minuto", "{low} to {n} minutes"),
}


def label(name: str, language: str) -> str:
    return _LABELS[name][_ORDER.index(language)]


def counted(number: int, one: str, many: str, language: str) -> str:
    return label(one if number == 1 else many, language).format(n=number)


def minutes(wait: tuple[int, int], language: str) -> str:
    """A wait estimate in words."""
    low, high = wait
    if high <= 1:
        return label("a minute", language)
    if low <= 0:
        return label("less than", language).format(n=high)
    return label("minutes" if low == high else "between", language).format(n=high, low=low)
