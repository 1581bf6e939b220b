.PHONY: chaos demo editor test setup

chaos: setup  ## kill everything at random, a thousand times: make chaos SEED=1 KILLS=100
	.venv/bin/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(KILLS),--kills $(KILLS))

demo: setup  ## run the lookup example and print its answer
	.venv/bin/regions-coordinator run examples/lookup/plan.json

editor: setup  ## build the editor, which serve then shows
	scripts/editor build

test: setup  ## check the code, then run all tests
	scripts/check
	scripts/test

setup:
	@scripts/setup
