"""What the guide says, in plain Spanish. Pictures are pieces of the till's own pages, drawn by `make screenshots`."""

from __future__ import annotations

from pathlib import Path

from cabinas.guide.whom import Whom
from core.wire import Catalogue
from printing.pdf import Card, guide_pdf

PICTURES = Path(__file__).resolve().parents[2] / "static" / "guia"

POWER = Card(
    "Se fue la luz",
    (
        "Nada de lo cobrado se pierde: si la caja mostró el número, está guardado.",
        "Al volver la luz encienda la PC. La caja abre sola en un minuto, con internet o sin él.",
        "Si un papel quedó a medias, la caja pregunta si salió: mire la impresora y responda.",
        "Si cobraba y no vio el número, busque a la persona con F3. Si no está, no se registró: ingréselo otra vez.",
    ),
)
NO_LINK = Card(
    "No hay internet",
    (
        "Siga igual: registre, cobre y entregue el papel. El número vale desde ese momento.",
        "No hace falta avisar ni volver a enviar nada: al volver internet todo sale solo.",
        "Si pasa un día entero sin internet, llame a soporte.",
    ),
    PICTURES / "enlace.png",
)
PRINTER = Card(
    "Impresora sin papel o apagada",
    (
        "Cambie el rollo o encienda la impresora: lo que esperaba sale solo.",
        "Si no sale, en la lista de hoy toque «Reimprimir». La copia dice REIMPRESIÓN.",
        "Mientras tanto, entregue el «Cargo en PDF» de la página del expediente.",
    ),
    PICTURES / "impresora.png",
)
VOID = Card(
    "Hay que devolver un cobro (extorno)",
    (
        "Toque «Remesar a Tesorería» y baje a «Extorno». Escriba el expediente y el motivo.",
        "Quédese con el recibo de la persona: sin él Tesorería no lo confirma y usted lo sigue debiendo.",
        "El expediente no se borra: en él queda dicho que se devolvió.",
    ),
    PICTURES / "extorno.png",
)
CAP = Card(
    "Llegué al tope de la garantía",
    (
        "La caja ya no cobra en efectivo hasta que Tesorería confirme una entrega de dinero.",
        "Lleve el dinero a Tesorería y declárelo en «Remesar a Tesorería».",
        "Sin internet, pida por teléfono a Tesorería el código de esa remesa y escríbalo ahí.",
    ),
    PICTURES / "garantia.png",
)
CLOSING = Card(
    "Cerrar el día",
    (
        "Toque «Cierre del día» y cuente billetes y monedas, sin mirar cuánto debía haber.",
        "Toque «Cerrar e imprimir Z» (F9). Si sobra o falta, queda escrito: no lo corrija de su bolsillo.",
        "Firme el Z y guárdelo. Lo que cobre después va en el cierre siguiente.",
    ),
    PICTURES / "conteo.png",
)
STOPPED = Card(
    "Dice «La caja está detenida»",
    (
        "No cobre ni registre en esa PC. Los papeles ya entregados valen.",
        "Ponga la copia sana más nueva con su botón y conecte internet: lo demás vuelve solo.",
        "Si no hay copia sana, no toque nada más y llame a soporte.",
    ),
)


COLUMNS = ((POWER, NO_LINK, PRINTER, CAP), (CLOSING, VOID, STOPPED))


def operators_guide(catalogue: Catalogue, known: Whom) -> bytes:
    convenio, site = catalogue.convenio, catalogue.public_url.partition("://")[2]
    whom = Card(
        "A quién llamar",
        (
            f"Diga siempre que llama de la cabina {catalogue.cabina}, y lo que dice la pantalla.",
            "Por un trámite o un papel: al CAC. Por dinero, o si no cuadra: a Tesorería. Si la PC no anda: a soporte.",
        ),
        lines=(*((who, number) for who, _, number in known.lines), ("Dueño del local", "")),
    )
    return guide_pdf(
        "Si algo pasa en la caja",
        f"Cabina {catalogue.cabina} · {convenio.name} · {catalogue.municipality}",
        (COLUMNS[0], (*COLUMNS[1], whom)),
        foot=f"Guarde esta hoja junto a la caja. Se imprime de nuevo desde «Ayuda» (F1) en la caja. {site}",
    )
