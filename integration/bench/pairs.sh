#!/bin/bash
# Compares two builds of masker. The benchmark takes it for masker, and it runs both builds in turn, each into a
# database and a ledger of its own, before it runs $AFTER as it was asked to. From the project's folder:
#
#	BEFORE=/path/to/masker AFTER=/path/to/masker PAIRS=8 PAIRS_LOG=/path/to/log \
#		go run ./integration/bench -scale 1000000 -rounds 1 -only '^masker run$' -masker integration/bench/pairs.sh
#
# A line of the log is a run: which build, then seconds on the wall, of the processor in masker, and in the kernel for it.
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
