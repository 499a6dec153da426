#!/usr/bin/env bash
# Runs the compiled tests. Node's own summary is the last thing said, and the exit status is that of all runs together.
#
#   tools/test.sh all       quick tests on Node.js 24, then all tests on this Node.js
#   tools/test.sh quick     quick tests on this Node.js
set -uo pipefail
cd "$(dirname "$0")/.."

# Two at a time, for CI has two cores. Nothing may hang for ever: not a test, nor a file whose test failed half-way and left
# something open.
run() { # run NODE FILES...
  local node=$1
  shift
  "$node" --test --test-concurrency=2 --test-timeout=600000 --test-force-exit --test-reporter="${REPORTER:-tap}" "$@"
}

# Node.js 20 takes no globs: name the files. Slow are those that drive a browser, pack the package or read every capture.
all=$(find .build/test/test -name '*.test.js' | sort)
quick=$(echo "$all" | grep -Ev '/test/(console|package|samples|systemd|captures|e2e)/')
[ -n "$quick" ] || { echo "no compiled tests: make test" >&2; exit 1; }

status=0
case ${1-} in
  all)
    newer=$(ls .build/node24/node_modules/node-linux-*/bin/node)
    echo "# quick tests on Node.js $("$newer" --version)"
    # shellcheck disable=SC2086
    run "$newer" $quick || status=1
    echo "# all tests on Node.js $(node --version)"
    # shellcheck disable=SC2086
    run node $all || status=1
    ;;
  quick)
    # shellcheck disable=SC2086
    run node $quick || status=1
    ;;
  *) echo "usage: tools/test.sh all|quick" >&2 && exit 64 ;;
esac
[ $status = 0 ] || echo "# some tests failed: see above" >&2
exit $status
