# complete.fish SCRIPT ROOT LINE: what fish would offer at the end of the line.
if test -n "$argv[2]"
    # Unpacked somewhere: where its functions are is compiled into it.
    set -p fish_function_path $argv[2]/usr/share/fish/functions
end
source $argv[1]
complete -C "redis-hygiene $argv[3]" | string split -f 1 \t
exit 0 # string split fails where there is nothing to split
