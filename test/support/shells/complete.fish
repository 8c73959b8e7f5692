# complete.fish SCRIPT ROOT LINE: prints the completions at the end of the line.
if test -n "$argv[2]"
    # fish was unpacked into a folder, but has the standard path of its functions compiled in.
    set -p fish_function_path $argv[2]/usr/share/fish/functions
end
source $argv[1]
complete -C "redis-hygiene $argv[3]" | string split -f 1 \t
exit 0 # string split fails on empty input
