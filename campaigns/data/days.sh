#!/bin/sh
# Three days in a row, as a bank would run them: a plan in the morning, releases through the day, and after each what customers did.
# Usage: days.sh BIN PROGRAM DATA FOLDER
set -eu
camp="$1/camp" python="$1/python" program="$2" data="$3" folder="$4"
here=$(dirname "$0")
rm -rf "$folder"
mkdir -p "$folder"
export CAMP_LEDGER="$folder/bank.duckdb"
for day in 2026-03-04 2026-03-05 2026-03-06; do
  echo "== $day"
  "$camp" plan "$program" --data "$data" --at "${day}T09:00+08:00" --for 1d -o "$folder/plan" -q
  for hour in 10:30 12:40 16:10 19:30; do
    at="${day}T$hour+08:00"
    echo "$hour"
    "$camp" release "$folder/plan" --at "$at" > "$folder/messages.jsonl"
    "$python" "$here/respond.py" "$folder/messages.jsonl" "$folder/heard" --at "$at"
    "$camp" ingest "$program" "$folder/heard" -q
  done
done
"$camp" ledger show --last 1
"$camp" ledger check
"$camp" verify "$CAMP_LEDGER" "$program" --data "$data"
