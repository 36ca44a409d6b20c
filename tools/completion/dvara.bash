# SPDX-License-Identifier: Apache-2.0
# bash completion of dvara, dvara-policyc and dvara-gateway: asks the programs themselves.
_dvara() {
  local current=${COMP_WORDS[COMP_CWORD]} command='' word words
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  if [[ $current == -* ]]; then
    words=$({ "$1" ${command:+"$command"} --help; "$1" --help; } 2>/dev/null | grep -oE -- '--[a-z][a-z-]*')
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  elif [[ -z $command && $1 != *gateway ]]; then
    words=$("$1" --help 2>/dev/null | sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p')
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _dvara dvara dvara-policyc dvara-gateway
