"""The TUPA in a citizen's words. Pure: values of an entry in, sentences out."""

from __future__ import annotations

from typing import Any

from core.money import soles

CHANNELS = {
    "cac": "En el Centro de Atención al Ciudadano (CAC)",
    "cabina": "En una cabina autorizada, que cobra aparte su propio servicio",
    "mesa_digital": "Por internet, en la mesa de partes digital",
    "telefono_consulta": "Consultas por teléfono",
}
PAYMENTS = {
    "caja_municipal": "caja municipal",
    "cabina_autorizada": "cabina autorizada",
    "banco": "banco",
    "pago_en_linea": "pago en línea",
}
AREA_ICONS = {
    "RC": "certificate",
    "LF": "building-store",
    "IT": "shield-check",
    "ED": "home",
    "TR": "motorbike",
    "SA": "heart-handshake",
    "RE": "coins",
    "SG": "file-text",
}
# everyday words for what the TUPA names otherwise; tried when the words typed find nothing
EVERYDAY = {
    "abrir": "funcionamiento",
    "bodega": "funcionamiento",
    "negocio": "funcionamiento",
    "restaurante": "funcionamiento",
    "tienda": "funcionamiento",
    "casa": "edificacion",
    "construir": "edificacion",
    "construccion": "edificacion",
    "obra": "edificacion",
    "casar": "matrimonio",
    "casarme": "matrimonio",
    "casarse": "matrimonio",
    "boda": "matrimonio",
    "divorciarme": "divorcio",
    "nacio": "nacimiento",
    "bebe": "nacimiento",
    "fallecio": "defuncion",
    "murio": "defuncion",
    "soltero": "solteria",
    "soltera": "solteria",
    "brevete": "conducir",
    "manejar": "conducir",
    "ambulante": "ambulatorio",
    "vender": "comercio",
    "fiesta": "espectaculo",
    "concierto": "espectaculo",
    "letrero": "publicidad",
    "anuncio": "publicidad",
    "autovaluo": "predio",
    "terreno": "predio",
    "deuda": "tributaria",
    "deudas": "tributaria",
    "reclamo": "queja",
    "carnet": "carne",
}
OTHER_ICON = "file-text"


def everyday(folded: str) -> str:
    """What was typed (folded), with everyday words changed for those of the TUPA."""
    return " ".join(EVERYDAY.get(word, word) for word in folded.split())


def days(number: int) -> str:
    return f"{number} día hábil" if number == 1 else f"{number} días hábiles"


def term(entry: dict[str, Any]) -> str:
    """How long the answer takes, as one says it."""
    if entry["reply_business_days"]:
        return days(entry["reply_business_days"])
    if entry["term_business_days"] == 0:
        return "En el momento"
    return days(entry["term_business_days"])


def price(entry: dict[str, Any]) -> str:
    variants = [variant["centimos"] for variant in entry["fee_variants"]]
    if variants:
        return f"Desde S/ {soles(min(variants))}"
    return f"S/ {soles(entry['fee_centimos'])}" if entry["fee_centimos"] else "Gratuito"


def silence(entry: dict[str, Any]) -> str | None:
    """What the law gives the citizen when nobody answers in time."""
    if entry["qualification"] == "automatico":
        return "Se aprueba al presentarlo, si sus papeles están completos."
    if entry["silence"] == "SAP":
        return "Si no recibe respuesta dentro del plazo, su pedido queda aprobado por ley (silencio positivo)."
    if entry["silence"] == "SAN":
        return "Si no recibe respuesta dentro del plazo, puede apelar o seguir esperando (silencio negativo)."
    return None


def remedies(sheet: dict[str, Any]) -> list[str]:
    """How to object, one sentence a remedy."""
    told = []
    for name, remedy in (("Reconsideración", sheet.get("reconsideration")), ("Apelación", sheet.get("appeal"))):
        if remedy:
            within = remedy["file_within_business_days"]
            limit = f" dentro de {days(within)}" if within else ""
            told.append(f"{name}: ante {remedy['authority']}{limit}.")
    return told


def list_line(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry in a list."""
    icon = AREA_ICONS.get(entry["code"].split("-")[0], OTHER_ICON)
    facts = {"price": price(entry), "term": term(entry), "icon": icon}
    return {"code": entry["code"], "name": entry["name"], "area": entry["area"], **facts}


def full_page(entry: dict[str, Any]) -> dict[str, Any]:
    """Everything the trámite's page shows, ready to show. Only what is published: no editor's remark reaches it."""
    sheet = entry["sheet"]
    return {
        **list_line(entry),
        "version": entry["version"],
        "variants": [(variant["label"], soles(variant["centimos"])) for variant in entry["fee_variants"]],
        "requisitos": [requisito["text"] for requisito in entry["requisitos"]],
        "where": [CHANNELS[channel] for channel in entry["channels"] if channel in CHANNELS],
        "payments": ", ".join(PAYMENTS.get(mode, mode.replace("_", " ")) for mode in sheet["payment_modes"]),
        "silence": silence(entry),
        "reception_only": entry["reception_only"],
        "result": sheet["result"],
        "valid_for": sheet["result_valid_for"],
        "decides": sheet["decides"],
        "remedies": remedies(sheet),
        "legal_basis": list(sheet["legal_basis"]),
        "fee_legal_basis": sheet["fee_legal_basis"],
    }
