#!/bin/bash
# Judge a server in a CI job: write the reports, show the summary, and end with the exit status of the run.
#
#   bash gate.sh FOLDER     where FOLDER holds the programs `exportproof` and `python`
#
# action.yml and ci/gitlab.yml call it. All else comes from the environment, so that no value from outside is ever part
# of a program's text:
#
#   GATE_URL           the root of the server's API; has to be given
#   GATE_CONTROL_URL, GATE_SETTINGS, GATE_PROFILE
#                      as --control-url, --config and --profile of `exportproof run`; what is empty is left out
#   GATE_RULES         patterns of rules, one a line; all rules without any
#   GATE_REPORTS       the folder that the reports go to
#   GITHUB_STEP_SUMMARY, GITHUB_OUTPUT
#                      the files from which GitHub takes the summary and the outputs of a step, if there are any
#
# Credentials are EXPORTPROOF_USER, EXPORTPROOF_KEY and so on, which `exportproof run` reads itself: nothing here looks
# at them, and no command line holds them. It runs in the bash 3.2 of macOS, too.
set -euo pipefail

programs=$1
reports=${GATE_REPORTS:-exportproof-report}

words=(run --report-dir "$reports")
words+=(--report "markdown=$reports/summary.md" --report "sarif=$reports/report.sarif")
words+=(--report "badge=$reports/badge.json" --report "badge-svg=$reports/badge.svg")
if [ -n "${GATE_CONTROL_URL:-}" ]; then words+=(--control-url "$GATE_CONTROL_URL"); fi
if [ -n "${GATE_SETTINGS:-}" ]; then words+=(--config "$GATE_SETTINGS"); fi
if [ -n "${GATE_PROFILE:-}" ]; then words+=(--profile "$GATE_PROFILE"); fi
while IFS= read -r rule; do
    if [ -n "$rule" ]; then words+=(--rules "$rule"); fi
done <<<"${GATE_RULES:-}"

# What an earlier run left behind must not be shown as the result of this one.
rm -f "$reports/report.json" "$reports/junit.xml" "$reports/summary.md" "$reports/report.sarif"
status=0
if [ -n "${GATE_URL:-}" ]; then
    "$programs/exportproof" "${words[@]}" -- "$GATE_URL" || status=$?
else
    # Without a URL the embedded reference would be judged, and its verdict would open the gate.
    echo "exportproof: no URL of a server was given. Set the input 'url'; perhaps a variable in it is empty." >&2
    status=4
fi

verdict=none
if [ -f "$reports/report.json" ]; then
    read_verdict='import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["verdict"])'
    verdict=$("$programs/python" -c "$read_verdict" "$reports/report.json")
fi

# Known failures, which the settings list, decide about the gate and not about the server.
case "$verdict $status" in
    none*) note="exportproof ended with status $status and without a report. The log says why." ;;
    "violates 0") note="The gate is open: all that was violated is a known failure of the settings." ;;
    "conforms 1") note="The gate is closed: a known failure of the settings passes, or has expired. The log says which." ;;
    *) note="Exit status $status." ;;
esac
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    if [ -f "$reports/summary.md" ]; then cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi
    printf '\n%s\n' "$note" >>"$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'status=%s\nverdict=%s\n' "$status" "$verdict" >>"$GITHUB_OUTPUT"
    if [ -f "$reports/report.sarif" ]; then echo "sarif=$reports/report.sarif" >>"$GITHUB_OUTPUT"; fi
fi
exit "$status"
