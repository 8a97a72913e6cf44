# Everything a checkout needs, from a bare Debian or Ubuntu with Python 3.11 or newer. No command needs another one first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AIRFLOW_VENV := .venv-airflow
PEERS_VENV := .venv-peers
CPU_TORCH := https://download.pytorch.org/whl/cpu
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help demo train test test-deep test-quick test-docs check docs docs-output bench bench-tokenizer bench-trace bench-train bench-gpu bench-post bench-use bench-unlearning bench-poison bench-content bench-extraction bench-quality bench-reads bench-inspect bench-scale test-faults test-kills test-cluster walk pictures test-peers test-axe test-airflow clean

help:  ## these lines
	@sed -n 's/^\([a-z-]*\):.*  ## /make \1\t/p' Makefile | expand -t 20

demo: $(VENV)/installed  ## make a sample crawl, curate it, say where the report is
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	@$(BIN)/winnow sample demo/crawl
	@JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/winnow curate demo/crawl --output demo/corpus --recipe demo/crawl/recipe.toml
	@echo "Open demo/corpus/report.html, or ask about a page: $(BIN)/winnow explain demo/corpus http://www.almanac.example/bread.html"

train: $(VENV)/installed-train  ## train a tiny model on the corpus of `make demo`, and let it speak
	@[ -f demo/corpus/shards/shards.json ] || $(MAKE) --no-print-directory demo
	@$(BIN)/winnow train demo/corpus --output demo/run --steps 200 --set save_every=25 --set keep_every=25 $(ARGS)
	@$(BIN)/winnow generate demo/run --prompt "The " --max-tokens 60

# Kernels are compiled first, so that no test waits for them. Files of tests go to two processes, in their order: those of
# jobs, which take longest, first. Threads of torch would wait for each other.
test: $(VENV)/installed-test  ## every test
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	@$(BIN)/winnow warm
	OMP_NUM_THREADS=1 JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m pytest $(or $(ARGS),-n 2 --dist loadfile --no-loadscope-reorder)

test-deep:  ## every test, with many examples of each property and more kills: hours
	HYPOTHESIS_PROFILE=deep $(MAKE) --no-print-directory test

test-quick: $(VENV)/installed-test  ## tests that need neither Spark nor torch
	@$(BIN)/winnow warm
	$(BIN)/python -m pytest -m "not spark and not torch and not documented and not faults and not cluster" $(or $(ARGS),-n 2 --dist loadfile)

test-docs: $(VENV)/installed-test  ## every command that README and docs show, run on the sample crawl
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m pytest -m documented tests/docs $(ARGS)

docs: $(VENV)/installed-test  ## the pages that are made from the code: tables, recipe, commands, the map
	$(BIN)/python -m docs.generate

docs-output: $(VENV)/installed-test  ## run every command that README and docs show, and show what it prints now
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m docs.run_commands

test-faults: $(VENV)/installed-test  ## faults of every kind that fits in one process, counted in docs/faults.md: 20 minutes
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m pytest -m faults tests/faults tests/jobs
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.faults $(ARGS)

test-kills: $(VENV)/installed-test  ## kill -9 and full disks under curate, takedown and export; each run adds to docs/faults.md
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.faults.kills $(ARGS)

test-cluster: $(VENV)/installed-test  ## all of curate on a Spark cluster of this machine's own, with kills, as compiled for other CPUs, and takedowns by several processes: 30 minutes
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m pytest -m cluster tests/cluster tests/jobs/takedown $(ARGS)

check: $(VENV)/installed-test  ## lint, form, types, and who may import whom: seconds, before a commit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/house

bench: $(VENV)/installed-test  ## winnow and its peer on the same WARC and the same cores
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench $(ARGS)

bench-tokenizer: $(VENV)/installed-test  ## learning, encoding, sharding and loading beside HF tokenizers and tiktoken
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.bench_tokenizer $(ARGS)

bench-trace: $(VENV)/installed-test  ## trace and explain on ten million generated documents (4 GB of disk)
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.bench_trace $(ARGS)

bench-train: $(VENV)/installed-train  ## the trainer beside nanoGPT's architecture; on a GPU its speed, exactness and memory
	$(BIN)/python -m tests.bench.bench_train $(ARGS)

bench-gpu: $(VENV)/installed-train  ## all of the trainer that a GPU changes, in under eight minutes; without one reduced, to show that it runs
	$(BIN)/python -m tests.bench.bench_gpu $(ARGS)

bench-post: $(VENV)/installed-train  ## tuning before and after, method by method; needs ../shared/text
	$(BIN)/python -m tests.bench.bench_post $(ARGS)

bench-use: $(VENV)/installed-test  ## n-grams, LSTM, transformer; distilled, quantised, served, two processes; needs ../shared/text
	$(BIN)/python -m tests.bench.bench_use $(ARGS)

bench-unlearning: $(VENV)/installed-train  ## pages out of a run of `make demo`'s corpus, against training without them
	$(BIN)/python -m tests.bench.bench_unlearning $(ARGS)

bench-poison: $(VENV)/installed-test  ## the scanner on planted attacks beside the model-free peers, through to the shards and a model
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.poison.bench_poison $(ARGS)

bench-scale: $(VENV)/installed-test  ## what curating costs as a crawl grows: CPU by stage and process, jobs, memory, bytes shuffled
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.scale.bench_scale $(ARGS)

bench-reach: $(VENV)/installed-test  ## a large file on two cores, faults of a network, a cluster beside one machine, starting
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.reach.bench_reach $(ARGS)

bench-content: $(VENV)/installed-test  ## personal data, benchmark overlap, repeated lines: precision, recall, speed; needs ../shared
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.content.bench_content $(ARGS)

bench-inspect: $(VENV)/installed-test  ## every page of `winnow inspect` on a million generated documents, or ten: CPU seconds, memory
	$(BIN)/python -m tests.bench.bench_inspect $(ARGS)

bench-reads: $(VENV)/installed-test  ## what comparing everything that is read costs, in a curation and in the loader
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.bench_reads $(ARGS)

bench-extraction: $(VENV)/installed-test  ## main text beside trafilatura, resiliparse, jusText and readability; needs ../shared/extraction
	$(BIN)/python $(PIP_INSTALL) --editable ".[teach]"
	$(BIN)/python -m tests.bench.extraction.bench_extraction $(ARGS)

bench-quality: $(VENV)/installed-test  ## recipes beside datatrove, what each rule takes, the score on labelled pages; needs ../shared
	$(BIN)/python -m tests.bench.quality.bench_quality $(ARGS)

walk: $(VENV)/installed-test  ## a newcomer's way by README's commands, from a crawl to a card, timed, with pictures: minutes; needs Chromium
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" $(BIN)/python -m tests.bench.walk $(ARGS)

pictures: $(VENV)/installed-test  ## the pictures of README and docs, from the corpus of `make demo`
	$(BIN)/python -m docs.make_pictures $(ARGS)

pictures-dags: $(VENV)/installed $(AIRFLOW_VENV)/installed  ## the picture of the DAGs, from what Airflow makes of them
	$(BIN)/python -m docs.make_dag_pictures $(AIRFLOW_VENV)/bin/python

test-peers: $(PEERS_VENV)/installed  ## exports and cards, read by the packages of those who will read them
	OMP_NUM_THREADS=1 $(PEERS_VENV)/bin/python -m pytest tests/peers $(ARGS)

test-axe: $(VENV)/installed-test  ## every page of `winnow inspect` before axe-core and a keyboard, in Chromium; needs npm
	@npm install --no-audit --no-fund --silent --prefix .venv-axe axe-core@4.14.1
	$(BIN)/python -m pytest tests/jobs/inspect/test_axe.py $(ARGS)

test-airflow: $(VENV)/installed $(AIRFLOW_VENV)/installed  ## the DAG parses without warnings and runs on the sample crawl
	@$(BIN)/python -m jobs.spark.java --install > $(VENV)/java-home
	JAVA_HOME="$$(cat $(VENV)/java-home)" WINNOW_COMMAND="$(CURDIR)/$(BIN)/winnow" $(AIRFLOW_VENV)/bin/python -m pytest -c tests/airflow/pytest.ini tests/airflow

clean:  ## remove what the commands above made
	rm -rf $(VENV) $(AIRFLOW_VENV) .venv-* demo bench build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@$(call make-venv,$(VENV))

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing winnow into $(VENV) (a few minutes the first time)"
	@$(BIN)/python $(PIP_INSTALL) --editable .
	@touch $@

# PyPI's torch for Linux brings gigabytes of CUDA along; 2.13.0+cpu counts as newer wherever an index offers it. A machine with a
# GPU takes the large one.
$(VENV)/installed-train: $(VENV)/installed
	@echo "Installing what training needs into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) torch==2.13.0 $$(command -v nvidia-smi >/dev/null || $(BIN)/python -c \
		"import urllib.request as web; web.urlopen('$(CPU_TORCH)/torch/', timeout=10); print('--extra-index-url $(CPU_TORCH)')" 2>/dev/null)
	@$(BIN)/python $(PIP_INSTALL) --editable ".[train]"
	@touch $@

$(VENV)/installed-test: $(VENV)/installed-train
	@echo "Installing what the tests need into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --editable ".[dev]"
	@touch $@

# Airflow and PySpark want different versions of the same libraries: each has a virtual environment of its own.
$(AIRFLOW_VENV)/installed: pyproject.toml | $(VENV)/installed
	@echo "Installing Airflow into $(AIRFLOW_VENV) (a few minutes the first time)"
	@[ -x $(AIRFLOW_VENV)/bin/python ] || { $(call make-venv,$(AIRFLOW_VENV)); }
	@$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['airflow'], sep='\n')" \
		> $(AIRFLOW_VENV)/requirements.txt
	@$(AIRFLOW_VENV)/bin/python $(PIP_INSTALL) --requirement $(AIRFLOW_VENV)/requirements.txt "pytest>=9.0,<10"
	@touch $@

# The peers' packages beside ours: what this environment lacks comes from the other, and it changes nothing there.
$(PEERS_VENV)/installed: tests/peers/requirements.txt tests/peers/requirements-alone.txt | $(VENV)/installed-test
	@echo "Installing the peers' readers into $(PEERS_VENV) (a few minutes the first time)"
	@[ -x $(PEERS_VENV)/bin/python ] || { $(call make-venv,$(PEERS_VENV)); }
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
		> "$$($(PEERS_VENV)/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/ours.pth"
	@$(PEERS_VENV)/bin/python $(PIP_INSTALL) --requirement tests/peers/requirements.txt
	@$(PEERS_VENV)/bin/python $(PIP_INSTALL) --no-deps --requirement tests/peers/requirements-alone.txt
	@touch $@

# A virtual environment at $(1), or one line about what the system lacks.
define make-venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "winnow needs Python 3.11 or newer, and $(PYTHON) is none: install one, or run make PYTHON=/path/to/python3.11" >&2; exit 2; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "$(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 2; }; \
$(PYTHON) -m venv $(1)
endef
