# make demo   plays the four scenarios; ONCE=1 ends with the story, without it the console stays open
# make test   everything that must hold: format, lint, types, architecture, tests; HUB_TEST_POSTGRES=URL uses that server
# make cluster  plays the four scenarios on a real Kafka and a real PostgreSQL, and says whether they end as without them
# make bench  speed, as ratios against a baseline in the same run
# make migration DATABASE=main TITLE="files seen"   writes the next script of the schema's history
# make soak   a million messages by engines that break off, reconnect and send again; SOAK_MESSAGES, SOAK_SECONDS
# make clients  fetches MLLP clients of others (npm, Maven) for the tests that are skipped without them
# make broker   fetches Apache Kafka (Maven) for the tests that are skipped without it; HUB_TEST_KAFKA=host:port uses that broker
# make fuzz   any messages, others each time; FUZZ_SECONDS=300 bounds the part that damages the fixtures

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.dev-ready
PYTEST_FLAGS ?=
CLIENTS := .cache/clients
BROKER := .cache/broker
FUZZ_SECONDS ?= 300
SOAK_MESSAGES ?= 1000000
SOAK_SECONDS ?= 600

.DELETE_ON_ERROR:
.PHONY: install dev demo run test check format bench fuzz soak clients broker cluster migration lock clean

install: $(READY)

dev: $(DEV_READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "carering needs Python 3.11 or newer; '$(PYTHON)' is not. Install it, or name it: make PYTHON=python3.12 install" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "carering needs Python's venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_READY): $(READY) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(READY)
	$(BIN)/hub demo $(if $(ONCE),--once)

cluster: $(DEV_READY) broker
	$(BIN)/python -m tests.cluster

run: $(READY)
	$(BIN)/hub run

test: check
	$(BIN)/pytest $(PYTEST_FLAGS)

check: $(DEV_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hub check

format: $(DEV_READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_READY)
	$(BIN)/python -m bench $(BENCH)

fuzz: $(DEV_READY)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest --timeout 3600 tests/properties $(PYTEST_FLAGS)
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

migration: $(DEV_READY)
	$(BIN)/python -m tools.migration $(DATABASE) "$(TITLE)"
	$(BIN)/ruff format --quiet hub/store/migrations
	$(BIN)/ruff check --quiet --fix hub/store/migrations
	$(BIN)/ruff format --quiet hub/store/migrations

soak: $(DEV_READY)
	$(BIN)/python -m tests.soak --messages $(SOAK_MESSAGES) --seconds $(SOAK_SECONDS)

clients: $(CLIENTS)/.ready

$(CLIENTS)/.ready: tests/interop/clients/package.json tests/interop/clients/pom.xml
	@mkdir -p $(CLIENTS)
	if command -v npm >/dev/null; then cp tests/interop/clients/package.json $(CLIENTS)/ && npm install --prefix $(CLIENTS) --no-audit --no-fund --silent --fetch-retries=1 --fetch-timeout=60000; fi
	if command -v mvn >/dev/null; then mvn -q -B -f tests/interop/clients/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(CLIENTS)/java; fi
	@touch $@

broker: $(BROKER)/.ready

$(BROKER)/.ready: tests/broker/pom.xml
	@mkdir -p $(BROKER)
	mvn -q -B -f tests/broker/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(BROKER)
	@touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --upgrade \
	  --all-extras --group lock -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --upgrade \
	  --all-extras --group dev --group lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .cache var build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
