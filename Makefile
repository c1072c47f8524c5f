# What each word does is said by `make help`. Only Python ≥ 3.11 and make are needed; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
URL ?= http://127.0.0.1:8000
# One more than CI has cores: timers, kills and the BPMN suites mostly wait.
TEST_WORKERS ?= 3
# Without its cache of compiled modules every start of the service compiles them anew, which doubles its time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run demo test search check docs bench lock clean

help: ## say what each word does
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=... chooses one)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/uv.lock

$(VENV)/.installed: $(BIN)/uv requirements.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed-dev ## install into .venv (with the tools for developers)

run: $(VENV)/.installed ## serve on http://127.0.0.1:8000 with SQLite under ./var
	@exec $(BIN)/rongjiu serve

demo: $(VENV)/.installed ## let the real cases C01–C04 travel through Hubei's procedure (needs a running `make run`)
	@$(BIN)/rongjiu demo --url $(URL)

check: install ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check service api_tests conformance bench docs tools
	$(BIN)/ruff format --check service api_tests conformance bench docs tools
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check ## everything CI runs
	tools/with-postgres $(BIN)/pytest -q -n $(TEST_WORKERS) --dist loadgroup

search: install ## let the property tests look for new counterexamples: other examples in every run, where `make test` has the same
	HYPOTHESIS_PROFILE=search $(BIN)/pytest -q -n $(TEST_WORKERS) -m hypothesis

docs: $(VENV)/.installed ## write docs/jurisdictions anew from bpmn/ and dmn/ (a test holds it fresh)
	@$(BIN)/rongjiu pages

bench: install ## measure: tasks against a bare endpoint, decisions against other engines, in one run
	tools/with-postgres $(BIN)/python -m bench

lock: $(BIN)/uv ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --extra build --extra dev pyproject.toml -o requirements-dev.lock
	echo uv | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header - -o tools/uv.lock

clean: ## remove what was installed and built (not ./var)
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
