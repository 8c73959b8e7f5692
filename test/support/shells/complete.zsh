# complete.zsh SCRIPT ROOT LINE: prints the completions at the end of the line, which is typed into a shell in a pseudo-terminal.
script=$1 root=$2 line=$3
if [[ -n $root ]]; then
  # zsh was unpacked into a folder, but has the standard paths of its modules and functions compiled in.
  module_path=($root/usr/lib/*/zsh/*(/N))
  fpath=($root/usr/share/zsh/functions/**/*(/N))
fi
zmodload zsh/zpty || exit 9
prepare() {
  autoload -Uz compinit && compinit -D -u
  source $1
  PS1=
  unset zle_bracketed_paste
  print-end() { print END }
  zle -N print-end
  bindkey '^I' complete-word
  bindkey '^X' print-end
  compadd() {
    local -a offered
    local word
    builtin compadd -A offered "$@"
    for word in $offered; do print "OFFERED $word"; done
    builtin compadd "$@"
  }
}
zpty child zsh -f -i
zpty -w child "module_path=($module_path); fpath=($fpath); $(functions prepare); prepare ${(q)script}; print REA''DY"
until [[ $answer == *READY* ]]; do zpty -r child answer || exit 8; done
zpty -w -n child "redis-hygiene $line"$'\t\x18'
until [[ $answer == *END* ]]; do
  zpty -r child answer || exit 7
  [[ $answer == *'OFFERED '* ]] && print -r -- "${${answer##*OFFERED }%%[[:space:]]*}"
done
zpty -d child
