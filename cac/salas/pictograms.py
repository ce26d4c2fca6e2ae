"""The pictograms a service may take at the kiosk, with the word a person who does not see them hears.

Written as `icon="name"`: so `static/vendor.py` brings each drawing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pictogram:
    icon: str
    word: str


PICTOGRAMS = (
    Pictogram(icon="certificate", word="Partida o certificado"),
    Pictogram(icon="heart", word="Matrimonio"),
    Pictogram(icon="baby-carriage", word="Nacimiento"),
    Pictogram(icon="id", word="Documento de identidad"),
    Pictogram(icon="file-text", word="Documento"),
    Pictogram(icon="signature", word="Firma"),
    Pictogram(icon="building-store", word="Negocio"),
    Pictogram(icon="home", word="Casa"),
    Pictogram(icon="hammer", word="Obra"),
    Pictogram(icon="road", word="Calle"),
    Pictogram(icon="map-pin", word="Lugar"),
    Pictogram(icon="motorbike", word="Moto"),
    Pictogram(icon="car", word="Auto"),
    Pictogram(icon="bus", word="Transporte"),
    Pictogram(icon="truck", word="Camión"),
    Pictogram(icon="coins", word="Pago"),
    Pictogram(icon="receipt", word="Recibo"),
    Pictogram(icon="building-bank", word="Banco"),
    Pictogram(icon="heart-handshake", word="Ayuda social"),
    Pictogram(icon="users", word="Personas"),
    Pictogram(icon="old", word="Adulto mayor"),
    Pictogram(icon="wheelchair", word="Discapacidad"),
    Pictogram(icon="stethoscope", word="Salud"),
    Pictogram(icon="ambulance", word="Emergencia"),
    Pictogram(icon="school", word="Educación"),
    Pictogram(icon="book", word="Biblioteca"),
    Pictogram(icon="ball-football", word="Deporte"),
    Pictogram(icon="tree", word="Áreas verdes"),
    Pictogram(icon="trash", word="Limpieza"),
    Pictogram(icon="droplet", word="Agua"),
    Pictogram(icon="bulb", word="Alumbrado"),
    Pictogram(icon="dog", word="Mascota"),
    Pictogram(icon="shield", word="Seguridad"),
    Pictogram(icon="scale", word="Justicia"),
    Pictogram(icon="calendar-event", word="Cita"),
    Pictogram(icon="message-question", word="Pregunta"),
)
WORDS = {one.icon: one.word for one in PICTOGRAMS}
