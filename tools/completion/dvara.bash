# SPDX-License-Identifier: Apache-2.0
# bash completion of dvara, dvara-policyc and dvara-gateway: asks the programs themselves. A command of
# dvara is two words, one of dvara-policyc is one, and dvara-gateway has none.
_dvara() {
  local current=${COMP_WORDS[COMP_CWORD]} most=1 words='' word
  local -a command=()
  case ${1##*/} in
    dvara) most=2 ;;
    dvara-gateway) most=0 ;;
  esac
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    ((${#command[@]} < most)) || break
    [[ $word == -* ]] || command+=("$word")
  done
  if [[ $current == -* ]]; then
    words=$({ "$1" "${command[@]}" --help; "$1" --help; } 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)
  elif ((${#command[@]} < most)); then
    words=$("$1" --help 2>/dev/null |
      awk -v n=${#command[@]} -v first="${command[0]-}" '/^  [a-z]/ && (n == 0 || $1 == first) { print $(n + 1) }' |
      sort -u)
  fi
  [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _dvara dvara dvara-policyc dvara-gateway
