# What bash reads instead of ~/.bashrc: the learner's own ~/.bashrc, and around it the hooks that tell the lab where a
# command begins (C), where it ends (D), that bash holds (H) and what the machine's own completion answers (R). It never changes what a command does.
# @NONCE@, @FIFO@, @HOLD@ and @SIGNAL@ are filled in by the lab. The functions come first, so that no alias of the learner is in them.

# D: bash is done. It runs at each prompt: no process, no file opened, and no command that fails, for `set -e` and an ERR trap of
# the learner hold here too. bash copies a function's body at each call, so what is rare has a function of its own.
# That PS0 still is our mark C is told by its length: a tenth of what comparing it costs. A PS2 that nobody changed is not said.
__rootless_lab() {
  if [[ -t 9 && ! -o emacs && ! -o vi && -v PS1 && -v PS2 && -v PS0 && ${#PS0} == $__rootless_lab_c_length && $PS2 == '> ' ]]; then
    \builtin printf '\e]7741;@NONCE@;D;%s\0%s\0%s\0\a' "$1" "$PWD" "${PS1@P}" >&9
  else
    __rootless_lab_rare "$1"
  fi
  # After the mark: who tells bash to hold, and finds no mark D, is sure that it will.
  if [[ -e '@HOLD@' ]]; then __rootless_lab_hold; fi
}

# P is D with PS2 in it. Q instead of P means that bash's own messages (9 is its standard error) do not go to a terminal: then no
# mark may stand in PS0. E means that readline is on.
__rootless_lab_rare() {
  local __lab_kind=P __lab_ps1=${PS1+${PS1@P}} __lab_ps2=${PS2+${PS2@P}}
  if [[ -o emacs || -o vi ]]; then __lab_kind=E; fi
  if [[ -t 9 ]]; then
    \builtin printf '\e]7741;@NONCE@;%s;%s\0%s\0%s\0%s\0\a' "$__lab_kind" "$1" "$PWD" "$__lab_ps1" "$__lab_ps2" >&9
    [[ ${PS0-} == *"$__rootless_lab_c"* ]] || PS0=$__rootless_lab_c${PS0-}
  else
    \builtin printf '\e]7741;@NONCE@;Q;%s\0%s\0%s\0%s\0\a' "$1" "$PWD" "$__lab_ps1" "$__lab_ps2" >/dev/tty || \builtin :
    PS0=${PS0-}
    PS0=${PS0//"$__rootless_lab_c"/}
  fi
  \builtin return 0
}

# H: the lab has sent keys to the terminal meanwhile and takes back what nobody read; bash waits for its answer.
__rootless_lab_hold() {
  local __lab_read
  \builtin printf '\e]7741;@NONCE@;H;\a' >/dev/tty || \builtin :
  { IFS= \builtin read -r __lab_read || \builtin :; } <'@FIFO@'
  \builtin return 0
}

# Asked by a signal while bash reads the terminal at its prompt: `$?`, PIPESTATUS, history and line numbers stay as they are.
# The signal may come twice for one question.
__rootless_lab_ask() {
  local __lab_line __lab_point __lab_words __lab_cword
  local -
  \builtin set +euxvT
  { \builtin read -r -t 0 || \builtin return 0
    IFS= \builtin read -r __lab_line; IFS= \builtin read -r __lab_point
    IFS= \builtin read -r __lab_words; IFS= \builtin read -r __lab_cword; } <'@FIFO@'
  {
    \builtin eval "__lab_line=$__lab_line; __lab_words=($__lab_words)"
    __rootless_lab_complete
  } </dev/null >/dev/null 2>&1
  \builtin return 0
}

# compopt speaks to the completion that runs; here it is only written down. Completions that podman and others make ask whether it is
# bash's own, and go another way where it is not.
__rootless_lab_call() {
  local __lab_own=$(\builtin declare -f compopt type)
  compopt() {
    while (($#)); do
      case $1 in
        -o) [[ $2 == nospace ]] && __lab_how=nospace; [[ $2 == filenames && $__lab_how == word ]] && __lab_how=files; \builtin shift ;;
        +o) [[ $2 == nospace ]] && __lab_how=word; \builtin shift ;;
      esac
      (($#)) && \builtin shift
    done
  }
  type() { if [[ "$*" == '-t compopt' ]]; then \builtin echo builtin; else \builtin type "$@"; fi; }
  "$1" "$__lab_cmd" "$__lab_cur" "$__lab_prev"
  \builtin unset -f compopt type
  \builtin eval "$__lab_own"
}

__rootless_lab_complete() {
  local COMP_LINE=$__lab_line COMP_POINT=$__lab_point COMP_CWORD=$__lab_cword COMP_TYPE=9 COMP_KEY=9
  local -a COMP_WORDS=("${__lab_words[@]}") COMPREPLY=() __lab_found=() __lab_spec=()
  local IFS=$' \t\n' __lab_cmd=${__lab_words[0]} __lab_cur=${__lab_words[__lab_cword]} __lab_text __lab_how=word __lab_try __lab_i
  local __lab_prev=
  ((__lab_cword > 0)) && __lab_prev=${__lab_words[__lab_cword - 1]}
  if ((__lab_cword == 0)); then
    __lab_how=command
    \builtin mapfile -t __lab_found < <(\builtin compgen -c -- "$__lab_cur"; [[ $__lab_cur == */* ]] || \builtin compgen -d -- "$__lab_cur")
  else
    for __lab_try in 1 2 3; do
      __lab_text=$(\builtin complete -p -- "$__lab_cmd" || \builtin complete -p -- "${__lab_cmd##*/}" ) || __lab_text=
      if [[ ! $__lab_text ]]; then
        declare -F _comp_load && { _comp_load -- "$__lab_cmd" || _comp_load "$__lab_cmd"; } && continue
        declare -F _completion_loader && _completion_loader "$__lab_cmd"
        (($? == 124)) && continue
        __lab_text=$(\builtin complete -p -D) || __lab_text=
        [[ $__lab_text == *'-F _completion_loader'* || $__lab_text == *'-F _comp_complete_load'* ]] && __lab_text=
      fi
      break
    done
    if [[ $__lab_text ]]; then
      \builtin eval "__lab_spec=(${__lab_text#complete })"
      \builtin unset '__lab_spec[-1]'
      [[ $__lab_text == *'-o nospace'* ]] && __lab_how=nospace
      [[ $__lab_text == *'-o filenames'* ]] && __lab_how=files
      local -a __lab_gen=()
      for ((__lab_i = 0; __lab_i < ${#__lab_spec[@]}; __lab_i++)); do
        case ${__lab_spec[__lab_i]} in
          -F)
            __rootless_lab_call "${__lab_spec[++__lab_i]}"
            __lab_found+=("${COMPREPLY[@]}")
            ;;
          -C) \builtin mapfile -t -O ${#__lab_found[@]} __lab_found < <(\builtin eval "${__lab_spec[++__lab_i]}" '"$__lab_cmd" "$__lab_cur" "$__lab_prev"') ;;
          -D | -E | -I) ;;
          -o | -A | -W | -G | -X | -P | -S) __lab_gen+=("${__lab_spec[__lab_i]}" "${__lab_spec[++__lab_i]}") ;;
          *) __lab_gen+=("${__lab_spec[__lab_i]}") ;;
        esac
      done
      ((${#__lab_gen[@]})) &&
        \builtin mapfile -t -O ${#__lab_found[@]} __lab_found < <(\builtin compgen "${__lab_gen[@]}" -- "$__lab_cur")
      if ((${#__lab_found[@]} == 0)) && [[ $__lab_text == *'-o default'* || $__lab_text == *'-o bashdefault'* ]]; then
        __lab_text=
      fi
    fi
    if [[ ! $__lab_text ]]; then
      __lab_how=files
      case $__lab_cur in
        '$'*) __lab_how=word; \builtin mapfile -t __lab_found < <(\builtin compgen -v -P '$' -- "${__lab_cur#\$}") ;;
        '~'*/*) \builtin mapfile -t __lab_found < <(\builtin compgen -f -- "$__lab_cur") ;;
        '~'*) \builtin mapfile -t __lab_found < <(\builtin compgen -u -P '~' -- "${__lab_cur#\~}") ;;
        *) \builtin mapfile -t __lab_found < <(\builtin compgen -f -- "$__lab_cur") ;;
      esac
    fi
  fi
  \builtin printf '\e]7741;@NONCE@;R;%s\0' "$__lab_how" >/dev/tty
  ((${#__lab_found[@]})) && \builtin printf '%s\0' "${__lab_found[@]:0:2000}" >/dev/tty
  \builtin printf '\0\a' >/dev/tty
}

# shellcheck disable=SC1090
[[ -r ~/.bashrc ]] && . ~/.bashrc
# `set -o vi` in ~/.bashrc brings readline back; the lab's prompt edits the line. As two lines: one may be off already.
[[ -o emacs ]] && set +o emacs
[[ -o vi ]] && set +o vi

# What the learner's DEBUG trap prints before a hook of ours is not the learner's output.
__rootless_lab_hook='{ __rootless_lab "$?"; } 9>&2 &>/dev/null'
__rootless_lab_c=$'\e]7741;@NONCE@;C;\a'
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
  # A mark C puts the hook back when PROMPT_COMMAND was unset or replaced; the high index keeps it the last one.
  __rootless_lab_c=$'\e]7741;@NONCE@;C;${PROMPT_COMMAND[7741]:=$__rootless_lab_hook}\a'
  PROMPT_COMMAND[7741]=$__rootless_lab_hook
else
  PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$__rootless_lab_hook"
fi
__rootless_lab_c_length=${#__rootless_lab_c}
\builtin trap -- '__rootless_lab_ask "$_"' @SIGNAL@
