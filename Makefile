# The three commands a newcomer needs are `make demo`, `make test` and `make deb`; `make help` lists the rest.
.PHONY: help demo test deb deb-all check packages pictures readme-pictures prove prove-short bench evaluate openapi faces voice voice-score lock clean always
.NOTPARALLEL:
PYTHON ?= python3
BIN := .venv/bin
VOICE := build/voice
VOICES_SHA256 := 1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860
PICTURED := tests/journeys tests/web tests/display/test_*_in_a_real_window.py tests/kiosk/test_kiosk_pages.py
PICTURED += tests/hardware/test_tickets_on_paper.py tests/hardware/test_referral_layout.py

help: ## what this file can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/demo ## a county with simulated hardware and people; options: make demo ARGS="--cut tax --offscreen"
	@$(BIN)/python -m demo $(ARGS)

test: packages check ## everything: system packages, checks, all tests; pytest's options in ARGS
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

deb: ## Debian packages of this working tree, in dist/; ARGS="--arch arm64" for Raspberry Pis
	@$(PYTHON) -I tests/system_packages.py deb
	@debian/make.sh $(ARGS)

deb-all: ## the same for Debian 12 and 13, amd64 and arm64, into folders of dist/, each installed and started; as root, on amd64
	@$(PYTHON) -I tests/system_packages.py deb-all
	@debian/make-all.sh $(ARGS)

check: .venv/dev ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pictures: .venv/dev ## every page, ticket and screen as a picture, in pictures/index.html
	JIAOHAO_PICTURES=$(CURDIR)/pictures $(BIN)/python -m pytest $(PICTURED) $(ARGS)
	$(BIN)/python -m demo --offscreen --speed 30 --duration 90 --folder pictures/demo
	@$(BIN)/python tests/support/picture_index.py pictures

readme-pictures: .venv/dev ## the pictures in the README, taken anew
	JIAOHAO_README_PICTURES=$(CURDIR)/docs/pictures $(BIN)/python -m pytest tests/journeys/test_readme_pictures.py

prove: .venv/dev ## what hub and county promise, tried for hours: one line per claim; claims to try in ARGS
	@PYTHONPATH=.:tests/support:tests/faults:tests/faults/files $(BIN)/python tests/faults/prove.py $(ARGS)
	@$(if $(ARGS),,$(BIN)/python -m pytest tests/domain/test_hall_against_a_model.py --hypothesis-profile=long --timeout=0)

prove-short: ## the same in a minute or two
	@$(MAKE) --no-print-directory prove ARGS="--short $(ARGS)"

bench: .venv/dev ## what the hall costs and how fast it is, against floors of the same run; ARGS="--write" keeps the table
	@PYTHONPATH=.:tests/support:tests/bench $(BIN)/python tests/bench/bench.py $(ARGS)

evaluate: .venv/dev ## what balancing does to a county's waits, written to docs/evaluation.md; ARGS="--seeds 4 --out /tmp/page.md" is short
	@PYTHONPATH=.:tests/support:tests/evaluation $(BIN)/python tests/evaluation/evaluate.py $(ARGS)

openapi: .venv/dev ## the HTTP interfaces of hub and county, written to docs/openapi-hub.json and docs/openapi-county.json
	@PYTHONPATH=. $(BIN)/python tests/support/openapi_files.py

faces: .venv/dev ## which characters each face draws, read from the fonts and written to protocol/text/face_ranges.py
	@PYTHONPATH=.:tests/support $(BIN)/python tests/support/write_face_ranges.py

voice: $(VOICE)/venv/installed $(VOICE)/package ## the clips of the voice that the product ships, read by a neural voice; a quarter of an hour; needs npm
	@KOKORO_JA_CACHE=$(VOICE) PYTHONPATH=.:tests/voice_clips nice $(VOICE)/venv/bin/python tests/voice_clips/make_clips.py --work $(VOICE) --voices $(VOICE)/package/voices $(ARGS)

voice-score: $(VOICE)/venv/installed ## how many of thirty numbers a speech recogniser understands; ARGS="--espeak" for the synthesiser
	@PYTHONPATH=.:tests/voice_clips nice $(VOICE)/venv/bin/python tests/voice_clips/score_clips.py --work $(VOICE) $(ARGS)

$(VOICE)/venv/installed: lock/voice.txt
	$(PYTHON) -m venv --clear $(VOICE)/venv
	$(VOICE)/venv/bin/pip install --quiet --require-hashes -r lock/voice.txt
	touch $@

$(VOICE)/package:
	mkdir -p $(VOICE)
	cd $(VOICE) && npm pack --silent kokoro-js@1.2.1 && echo "$(VOICES_SHA256)  kokoro-js-1.2.1.tgz" | sha256sum --check --quiet
	cd $(VOICE) && tar -xzf kokoro-js-1.2.1.tgz package/voices

packages: ## the system packages that the tests need, installed when this is root or sudo asks nothing
	@$(PYTHON) -I tests/system_packages.py

lock: ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q --extra demo --extra build pyproject.toml -o lock/demo.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q --extra dev pyproject.toml -o lock/dev.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q --extra hub --extra county --extra kiosk --extra display --extra window -c lock/demo.txt pyproject.toml -o lock/production.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q --extra build -c lock/demo.txt pyproject.toml -o lock/build.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate -q tests/voice_clips/requirements.in -o lock/voice.txt --custom-compile-command "make lock"

clean: ## forget the environment, the demo's data and what tools remember
	rm -rf .venv demo-data pictures build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/demo: always
	@$(PYTHON) -I demo/environment.py demo

.venv/dev: always
	@$(PYTHON) -I demo/environment.py dev

always: # it says at once when an environment is as it should be
