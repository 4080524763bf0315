# Completion of ./kinscale for bash 4.4 and later. In ~/.bashrc, with the path of the checkout:
#   source <(/srv/kinscale/kinscale completion bash)
_kinscale_completion() {
    local IFS=$'\n'
    COMPREPLY=( $( COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _KINSCALE_COMPLETE=complete_bash \
                   "${1/#\~/$HOME}" 2>/dev/null ) )
    return 0
}
complete -o default -F _kinscale_completion kinscale
