# Completion of ./kinscale for fish 3.4 and later. In ~/.config/fish/config.fish, with the path of the checkout:
#   /srv/kinscale/kinscale completion fish | source
function __kinscale_completion
    set -l typed (commandline -opc)[1]
    env _KINSCALE_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] \
        _TYPER_COMPLETE_ARGS=(commandline -cp) (string replace -r '^~' $HOME -- $typed) 2>/dev/null
end
complete --command kinscale --no-files --arguments "(__kinscale_completion get-args)" \
    --condition "__kinscale_completion is-args"
