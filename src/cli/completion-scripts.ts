/**
 * What makes a shell ask `kubectl-leader __complete` how a command line goes on. The last line of an answer is `:` and a
 * number: 2 no blank behind the word, 4 no file names, 16 folders only.
 */

const BASH = `# bash completion for kubectl-leader
_kubectl_leader() {
    local line word=\${COMP_WORDS[COMP_CWORD]} directive=0 words=()
    # bash takes = and : for words of their own, so the line is split anew. No word of it has blanks.
    read -ra words <<<"\${COMP_LINE:0:COMP_POINT}"
    [[ \${COMP_LINE:COMP_POINT-1:1} == [[:space:]] ]] && words+=("")
    [[ $word == = ]] && word=
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :*) directive=\${line#:} ;;
            ?*) COMPREPLY+=("$line") ;;
        esac
    done < <("\${words[0]}" __completeNoDesc "\${words[@]:1}" 2>/dev/null)
    ((directive & 2)) && compopt -o nospace 2>/dev/null
    ((directive & 16)) && COMPREPLY=($(compgen -d -- "$word"))
    ((directive & 20)) || COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _kubectl_leader kubectl-leader
`;

const ZSH = `#compdef kubectl-leader
# zsh completion for kubectl-leader
_kubectl_leader() {
    local line directive=0 text about prefix=
    local -a asked candidates
    asked=("\${(@Q)words[2,CURRENT]}")
    # What is completed is the part behind the =.
    [[ \${asked[-1]} == --*=* ]] && prefix=\${asked[-1]%%=*}=
    while IFS= read -r line; do
        case $line in
            :<->) directive=\${line#:} ;;
            ?*)
                text=\${line%%$'\\t'*}
                about=\${line#$text}
                candidates+=("\${text//:/\\\\:}\${about:+:\${about#$'\\t'}}")
                ;;
        esac
    done < <("\${(Q)words[1]}" __complete "\${asked[@]}" 2>/dev/null)
    if ((directive & 16)); then
        _path_files -/ -P "$prefix"
    elif (((directive & 4) == 0)); then
        _files -P "$prefix"
    elif ((directive & 2)); then
        _describe -V 'kubectl-leader' candidates -P "$prefix" -S ''
    else
        _describe -V 'kubectl-leader' candidates -P "$prefix"
    fi
}
if [[ \${funcstack[1]} == _kubectl_leader ]]; then
    _kubectl_leader "$@"
else
    compdef _kubectl_leader kubectl-leader
fi
`;

const FISH = `# fish completion for kubectl-leader
function __kubectl_leader_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l prefix (string match --regex -- '^--[^=]*=' "$word")
    set -l lines ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
    set -l directive (string replace ':' '' -- $lines[-1])
    if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories (string replace -- "$prefix" '' "$word") | string replace --regex -- '^' "$prefix"
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (string replace -- "$prefix" '' "$word") | string replace --regex -- '^' "$prefix"
    else
        for line in $lines[1..-2]
            printf '%s%s\\n' "$prefix" "$line"
        end
    end
end
complete --command kubectl-leader --no-files --keep-order --arguments '(__kubectl_leader_complete)'
`;

const POWERSHELL = `# PowerShell completion for kubectl-leader
Register-ArgumentCompleter -Native -CommandName 'kubectl-leader' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    $program = $words[0]
    $asked = @($words | Select-Object -Skip 1)
    # Windows PowerShell drops empty arguments unless they are quoted twice.
    if ($wordToComplete -eq '') {
        $asked += if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
    }
    $prefix = if ($wordToComplete -match '^--[^=]*=') { $Matches[0] } else { '' }
    $lines = @(& $program __complete @asked 2>$null)
    $directive = [int]($lines[-1].TrimStart(':'))
    if (($directive -band 4) -eq 0) { return }
    $lines | Select-Object -SkipLast 1 | ForEach-Object {
        $text, $about = $_ -split "\`t", 2
        if (-not $about) { $about = $text }
        [System.Management.Automation.CompletionResult]::new("$prefix$text", $text, 'ParameterValue', $about)
    }
}
`;

/** By the shell's name. */
export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL } as const;
