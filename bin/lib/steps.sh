# Numbered steps with their durations, for the programs in bin/. To be sourced by bash.
#
# A program calls `steps N`, then `step "title" MINUTES` before each part; MINUTES is the part's
# share of the time that the whole may take, shown beside what it took. A step ends where the
# next one begins. If the program stops early, the step that failed is named.

declare -a steps_table=()
steps_total=0
step_number=0
step_title=""
step_share=0
step_began=0

steps() {
    steps_total=$1
    trap steps_report EXIT
}

step() {
    step_close
    step_number=$((step_number + 1))
    step_title=$1
    step_share=$2
    step_began=$SECONDS
    printf '\n[%d/%d] %s\n' "$step_number" "$steps_total" "$step_title"
}

step_close() {
    [ "$step_number" -gt 0 ] || return 0
    local took=$((SECONDS - step_began)) note=""
    [ "$took" -le $((step_share * 60)) ] || note="  over its share"
    steps_table+=("$(printf '%2d  %-52s %4d s of %4d s%s' \
        "$step_number" "$step_title" "$took" $((step_share * 60)) "$note")")
}

steps_report() {
    local status=$?
    trap - EXIT
    step_close
    printf '\n'
    [ "${#steps_table[@]}" -eq 0 ] || printf '%s\n' "${steps_table[@]}"
    if [ "$status" -eq 0 ]; then
        printf '\nAll good in %d s.\n' "$SECONDS"
    elif [ "$step_number" -gt 0 ]; then
        printf '\nStopped at step %d, "%s" (status %d).\n' "$step_number" "$step_title" "$status" >&2
    fi
    exit "$status"
}
