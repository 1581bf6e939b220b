.PHONY: demo test setup

demo: setup  ## run the lookup example and print its answer
	.venv/bin/regions-coordinator run examples/lookup/plan.json

test: setup  ## check the code, then run all tests
	scripts/check
	scripts/test

setup:
	@scripts/setup
