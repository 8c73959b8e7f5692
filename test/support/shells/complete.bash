# complete.bash SCRIPT WORD…: prints the completions of the last word.
source "$1"
shift
complete -p redis-hygiene > /dev/null || exit 9
COMP_WORDS=(redis-hygiene "$@")
COMP_CWORD=$#
_redis_hygiene
printf '%s\n' "${COMPREPLY[@]}"
