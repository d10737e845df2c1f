# bash keeper.sh FOLDER SIGNAL PROGRAM ARGUMENTS...
# Runs PROGRAM until it ends, or until standard input does: that is a pipe held by the test process, so the program ends
# with the test however the test ends. The kernel's own parent-death signal would not do: it follows the thread that
# started the program, and libtest runs every test in a thread of its own.
# A word on the pipe ("keep") says that the test is still there and cleans FOLDER up itself.
set -u
exec 3<&0
folder=$1 signal=$2
shift 2
# A Ctrl-C reaches the whole terminal; the pipe tells us soon enough.
trap : INT TERM HUP

"$@" </dev/null 3<&- &
program=$!
echo "$program" >"$folder/pid"
cat <&3 >"$folder/word" &
ear=$!
wait -n "$program" "$ear"

if kill -0 "$program" 2>/dev/null; then
    kill -s "$signal" "$program"
    # It may be stopped (SIGSTOP), and then would not hear anything else.
    kill -s CONT "$program"
    for _ in {1..100}; do
        kill -0 "$program" 2>/dev/null || break
        sleep 0.1
    done
    kill -s KILL "$program" 2>/dev/null
    wait "$program"
    [ -s "$folder/word" ] || [ -n "${FREEHOLD_TESTS_KEEP:-}" ] || rm -rf -- "$folder"
    exit 0
fi
kill "$ear"
wait "$program"
