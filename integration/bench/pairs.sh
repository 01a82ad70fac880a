#!/bin/bash
# Compares two builds of masker. The benchmark starts this script as if it were masker. The script runs both builds in
# turn, each with its own database and its own ledger. At the end it runs $AFTER with the arguments of the benchmark.
# Start it from the project's folder:
#
#	BEFORE=/path/to/masker AFTER=/path/to/masker PAIRS=8 PAIRS_LOG=/path/to/log \
#		go run ./integration/bench -scale 1000000 -rounds 1 -only '^masker run$' -masker integration/bench/pairs.sh
#
# Each line of the log is a run: the build, and then three times in seconds: elapsed, CPU in masker, CPU in the kernel.
set -euo pipefail
TIMEFORMAT='%R %U %S'
staging=$STAGING_URL

run() { # name build
	local database
	database=$(sed -E "s#(/[a-z_]+)(\\?|\$)#\\1_$1\\2#" <<<"$staging")
	{ time MASKER_LEDGER_PATH=ledger-$1 STAGING_URL=$database "$2" run --flow all --format json --quiet >run.out 2>run.err; } 2>run.time ||
		{ cat run.err run.out >&2; exit 1; }
	echo "$1 $(tail -1 run.time)" >>"$PAIRS_LOG"
}

for i in $(seq "${PAIRS:-8}"); do
	if ((i % 2)); then run before "$BEFORE"; run after "$AFTER"; else run after "$AFTER"; run before "$BEFORE"; fi
done
exec "$AFTER" "$@"
