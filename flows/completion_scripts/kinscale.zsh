#compdef kinscale
# Completion of ./kinscale for zsh. In ~/.zshrc, after compinit, with the path of the checkout:
#   source <(/srv/kinscale/kinscale completion zsh)
_kinscale_completion() {
    eval "$(_TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _KINSCALE_COMPLETE=complete_zsh ${~words[1]} 2>/dev/null)"
}
compdef _kinscale_completion kinscale
