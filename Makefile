# The README's two commands are `make demo` and `make test`. Everything that they need and this
# machine lacks goes into this folder: uv into .uv, the tools into .venv, LocalStack into local/.venv.

# As privileged it reads no BASH_ENV, and takes no functions and options from the environment.
SHELL := /bin/bash -p
.DEFAULT_GOAL := help
include functions/environment.mk

# Without a uv on this machine, one in the checkout, which then keeps its files there too.
UV := $(shell command -v uv || echo .uv/bin/uv)
UV_VERSION := 0.13.9
ifeq ($(UV),.uv/bin/uv)
export UV_CACHE_DIR := $(CURDIR)/.uv/cache
export UV_PYTHON_INSTALL_DIR := $(CURDIR)/.uv/python
endif
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.uv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0

ARCHITECTURE := x86_64
STAGE := dev
DEPLOYMENT := gradual
# For make's command line alone, whatever a shell has under these names.
GITHUB :=
OLDER_THAN :=
PARAMETERS :=
QUICK :=
SECONDS :=
SEED :=
YES :=
# From the shell, where the runbook puts it, STACK is for what looks after a stack, and deploys none.
NAMED := $(if $(filter command,$(origin STACK)),$(value STACK))
# When, in seconds, and from which commit: a new number for the template's Release.
RELEASE := $(shell date +%s)$(shell git rev-parse --short HEAD 2>/dev/null)
# A variable as one word of a command, whatever is in it: $(…) is a valid name of a tag.
quoted = '$(subst $(newline),'$$'\n'',$(subst ','\'',$(value $(1))))'
define newline


endef
# What the names of a stage end with.
SUFFIX := $(if $(filter dev,$(value STAGE)),,-$(value STAGE))
# make aws-check has a stack of its own.
DEPLOYED := $(or $(value NAMED),coffee-orders$(SUFFIX))
LOCALSTACK := local/.venv/bin/python -m coffee_shop
PYTEST := .venv/bin/python -m pytest

.PHONY: help demo play test test-faults test-pages localstack-test aws-check compatibility bench up down env token recording screenshots \
  deploy deployer redrive trace lint audit format docs

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready local/.venv/ready ## Send one order through the stack on an embedded LocalStack, and print each step
	@$(LOCALSTACK) run -- env PYTHONPATH=. .venv/bin/python local/demo.py

play: .venv/ready local/.venv/ready ## Play a busy day on the running stack, or on one of its own (SECONDS=60, SEED=n repeats a day)
	@$(LOCALSTACK) run --deploy -- env PYTHONPATH=. .venv/bin/python local/play.py \
	  $(if $(value SECONDS),--seconds $(call quoted,SECONDS)) $(if $(value SEED),--seed $(call quoted,SEED))

test: .venv/ready local/.venv/ready ## Run all tests but those of test-pages and test-faults
	@# The end-to-end tests wait most of their time: they run beside all others, and show after them.
	@mkdir -p .localstack; trap 'kill $$e2e 2>/dev/null; wait' EXIT; \
	$(LOCALSTACK) run --no-deploy -- $(PYTEST) tests/e2e >.localstack/test-e2e.log 2>&1 & e2e=$$!; \
	$(PYTEST) --numprocesses 2 tests/unit tests/contracts tests/policies tests/states || exit; \
	local/.venv/bin/python -m pytest --numprocesses 2 --dist loadgroup local/tests; status=$$?; \
	wait $$e2e || status=$$?; cat .localstack/test-e2e.log; exit $$status

test-faults: .venv/ready local/.venv/ready ## Test bursts, repeats, crashes, outages and bad input: 15 minutes (FAULTS_SEED=n repeats a run)
	@$(LOCALSTACK) run --no-deploy -- $(PYTEST) tests/faults

test-pages: .venv/ready local/.venv/ready ## Test the pages in a browser (needs Chromium)
	@$(LOCALSTACK) run --no-deploy -- $(PYTEST) -rs tests/pages

localstack-test: .venv/ready $(if $(AWS_ENDPOINT_URL),,local/.venv/ready) ## Run the end-to-end tests, on the emulator at AWS_ENDPOINT_URL if that is set
ifdef AWS_ENDPOINT_URL
	@$(PYTEST) tests/e2e
else
	@$(LOCALSTACK) run --no-deploy -- $(PYTEST) tests/e2e
endif

aws-check: .venv/ready ## Run the state and end-to-end tests on AWS, in a stack of their own (YES=1 does not ask)
	@PYTHONPATH=functions:local .venv/bin/python -m tests.aws_check $(if $(YES),--yes)

compatibility: .venv/ready local/.venv/ready local/ministack/.venv/ready ## Run the end-to-end tests on other emulators, and print what each can't do: 10 minutes
	@.venv/bin/python local/compatibility.py

bench: .venv/ready local/.venv/ready ## Measure latency, bursts, throughput, costs and cold starts: 18 minutes (QUICK=1: a first look)
	@PYTHONPATH=local .venv/bin/python -m bench $(if $(QUICK),--quick)

up: .venv/ready local/.venv/ready ## Deploy the stack to an embedded LocalStack that keeps running, and open the store
	@$(LOCALSTACK) up

down: ## Stop that LocalStack
	@# Of this checkout, even if the environment was made for another one.
	@if [ -x local/.venv/bin/python ]; then PYTHONPATH=local $(LOCALSTACK) down; fi

env: local/.venv/ready ## Print the variables that point the aws CLI at it: eval "$(make -s env)"
	@$(LOCALSTACK) env

token: .venv/ready local/.venv/ready ## Print a barista's ID token, for curl: TOKEN=$(make -s token)
	@$(LOCALSTACK) run --no-deploy -- .venv/bin/python local/sign_in.py

recording: .venv/ready local/.venv/ready ## Record the README's moving picture, one order on the page of the workflow (needs Chromium)
	@$(LOCALSTACK) run -- env PYTHONPATH=. .venv/bin/python local/recording.py

screenshots: .venv/ready local/.venv/ready ## Take the README's pictures of the pages (needs Chromium)
	@$(LOCALSTACK) run -- env PYTHONPATH=. .venv/bin/python local/screenshots.py

deploy: .venv/ready ## Deploy to AWS with your credentials (STAGE=prod, ARCHITECTURE=arm64, DEPLOYMENT=at-once, PARAMETERS='Name=value …')
	sam build --parameter-overrides Architecture=$(call quoted,ARCHITECTURE)
	sam deploy --config-env $(if $(SUFFIX),$(call quoted,STAGE),default) --parameter-overrides Stage=$(call quoted,STAGE) \
	  Architecture=$(call quoted,ARCHITECTURE) Release=$(call quoted,RELEASE) Deployment=$(call quoted,DEPLOYMENT) \
	  RoleBoundary=on \
	  $(if $(value PARAMETERS),$(call quoted,PARAMETERS)) \
	  $(if $(value NAMED),--stack-name $(call quoted,NAMED) --s3-prefix $(call quoted,NAMED))

deployer: .venv/ready ## Set up, as an administrator, who may deploy a stage (STAGE=prod, GITHUB=subject of its tokens)
	sam deploy --config-env deployer --stack-name deployer-$(call quoted,DEPLOYED) \
	  --s3-prefix deployer-$(call quoted,DEPLOYED) --parameter-overrides Stack=$(call quoted,DEPLOYED) \
	  Suffix='"'$(call quoted,SUFFIX)'"' $(if $(value GITHUB),GitHubSubject=$(call quoted,GITHUB))

redrive: .venv/ready ## Move messages from the dead-letter queues back to their queues (OLDER_THAN=2h: only older ones, without asking; STACK=name)
	@PYTHONPATH=functions .venv/bin/python -m operations.redrive $(if $(value STACK),--stack-name $(call quoted,STACK)) $(if $(value OLDER_THAN),--older-than $(call quoted,OLDER_THAN))

trace: .venv/ready ## Print all that is known of an order: ORDER=id (STACK=name)
	@PYTHONPATH=functions .venv/bin/python -m operations.trace $(if $(value STACK),--stack-name $(call quoted,STACK)) -- $(call quoted,ORDER)

lint: .venv/ready local/.venv/ready policies/.venv/ready policies/node_modules/ready ## Run the static checks (needs Node.js)
	ruff format --check .
	ruff check .
	mypy functions operations docs/generate.py policies local/*.py harness tests bench
	local/.venv/bin/python -m mypy --config-file local/pyproject.toml local/embedded_localstack local/coffee_shop local/runtime local/tests
	git ls-files -z --cached --others --exclude-standard | xargs -0 detect-secrets-hook --no-verify
	zizmor --offline --no-progress --quiet --strict-collection --pedantic .
	check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*
	cfn-lint template.yaml deployer.yaml
	$(WITHOUT_AWS) sam validate --region eu-central-1
	.venv/bin/python -m policies.security
	policies/node_modules/.bin/asl-validator \
	  --json-definition "$$(sed 's/$${Partition}/aws/' statemachine/order_processor.asl.json)"
	.venv/bin/python -m policies.workflow
	$(WITHOUT_AWS) PYTHONPATH=functions .venv/bin/python docs/generate.py --check
	check-jsonschema --quiet --schemafile 'policies/node_modules/@asyncapi/specs/schemas/3.0.0-without-$$id.json' docs/asyncapi.json
	.venv/bin/python -m policies.compatibility
	.venv/bin/python -m policies.audit || [ $$? = 75 ]  # Nobody could be asked: no failure here.

audit: .venv/ready ## Look for known vulnerabilities in the locked packages (fails with Error 75 if nobody can be asked)
	.venv/bin/python -m policies.audit

format: .venv/ready ## Format the code, and fix what ruff can
	ruff format .
	ruff check --fix .

docs: .venv/ready policies/node_modules/ready ## Generate the documents that are made from the sources (needs Node.js)
	@$(WITHOUT_AWS) PYTHONPATH=functions .venv/bin/python docs/generate.py

# --- What the targets need -----------------------------------------------------------------------

# An environment holds the path that it was made at, and notes it: where the checkout has been copied
# or moved, it is made anew.
elsewhere = $(shell [ "$$(cat $(1) 2>/dev/null)" = $(call quoted,CURDIR) ] || echo elsewhere)
.PHONY: elsewhere
elsewhere: ;

define install
@echo "Installing $(1) ..." >&2
@$(if $(filter elsewhere,$^),rm -rf $(2:%=%/.venv))
@for project in $(2); do $(UV) sync --frozen --quiet --project $$project || exit; done
@echo $(call quoted,CURDIR) >$@
endef

.uv/bin/uv: $(call elsewhere,.uv/ready)
	@echo "Fetching uv into .uv, this machine has none ..." >&2
	@rm -rf .uv/bin .uv/lib* .uv/python
	@python3 -m venv .uv
	@.uv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check --target= --prefix "$$PWD/.uv" --root / uv==$(UV_VERSION)
	@echo $(call quoted,CURDIR) >.uv/ready

.venv/ready: pyproject.toml uv.lock $(call elsewhere,.venv/ready) | $(filter .uv/bin/uv,$(UV))
	$(call install,the tools into .venv,.)

local/.venv/ready: local/pyproject.toml local/uv.lock local/runtime/pyproject.toml local/runtime/uv.lock \
  $(call elsewhere,local/.venv/ready) | $(filter .uv/bin/uv,$(UV))
	$(call install,LocalStack into local/.venv,local local/runtime)

local/ministack/.venv/ready: local/ministack/pyproject.toml local/ministack/uv.lock \
  $(call elsewhere,local/ministack/.venv/ready) | $(filter .uv/bin/uv,$(UV))
	$(call install,MiniStack into local/ministack/.venv,local/ministack)

policies/.venv/ready: policies/pyproject.toml policies/uv.lock $(call elsewhere,policies/.venv/ready) \
  | $(filter .uv/bin/uv,$(UV))
	$(call install,checkov into policies/.venv,policies)

policies/node_modules/ready: policies/package.json policies/package-lock.json
	@command -v npm >/dev/null || { echo "make lint needs Node.js for some of its checks, and make docs for a picture: https://nodejs.org" >&2; exit 1; }
	@npm ci --include dev --no-global --loglevel error --no-audit --no-fund --prefix policies >/dev/null
	@touch $@
