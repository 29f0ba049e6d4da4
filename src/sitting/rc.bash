# What the candidate's login bash reads in place of the start-up files of a login: those very files, and around them the hook that
# shows the clock in the prompt and notes what was run. It never changes what a command does.
# bash comes here by POSIX mode's ENV, the only file that a login bash can be told of; POSIX mode ends in the first lines.

\builtin unset ENV POSIXLY_CORRECT
if [[ -v ROOTLESS_LAB_ENV ]]; then export ENV=$ROOTLESS_LAB_ENV; fi
__rootless_lab_dir=$ROOTLESS_LAB_LOGIN
__rootless_lab_files=$ROOTLESS_LAB_FILES
# The number of the word that was told last.
__rootless_lab_shown=
\builtin unset ROOTLESS_LAB_LOGIN ROOTLESS_LAB_FILES ROOTLESS_LAB_ENV
HISTFILE=~/.bash_history
\builtin set +o posix
\builtin shopt -u inherit_errexit

# At each prompt: no process, and no command that fails, for `set -e` and an ERR trap of the candidate hold here too.
# Its input is the last command, as bash names it; 9 is the candidate's terminal.
__rootless_lab() {
  local IFS=$' \t\n' HISTTIMEFORMAT='' __lab_last='' __lab_up=0 __lab_end=0 __lab_phase='' __lab_word='' __lab_told=0
  IFS= \builtin read -r -d '' __lab_last || \builtin :
  if [[ -r $__rootless_lab_dir/clock ]]; then
    \builtin read -r __lab_end __lab_phase <"$__rootless_lab_dir/clock" || \builtin :
  fi
  if [[ -r /proc/uptime ]]; then IFS=. \builtin read -r __lab_up __lab_word </proc/uptime || \builtin :; fi
  __lab_word=
  if [[ -r $__rootless_lab_dir/word ]]; then IFS= \builtin read -r -d '' __lab_word <"$__rootless_lab_dir/word" || \builtin :; fi
  if [[ $__lab_word ]]; then
    # Its number stands before it, and says afterwards which one was told.
    __lab_told=${__lab_word%%$'\n'*}
    __lab_word=${__lab_word#*$'\n'}
    # Whoever left the word takes it away when it hears that it was told: a prompt that comes before that does not tell it again.
    if [[ $__lab_told == "$__rootless_lab_shown" ]]; then
      \builtin :
    elif [[ -t 9 ]]; then
      \builtin printf '%s' "$__lab_word" >&9
    else
      \builtin printf '%s' "$__lab_word" >/dev/tty || \builtin :
    fi
    __rootless_lab_shown=$__lab_told
  fi
  if [[ $__lab_end == *[!0-9]* || $__lab_up == *[!0-9]* ]]; then __lab_phase='?'; fi
  case $__lab_phase in
    running)
      __lab_end=$((__lab_end - __lab_up))
      if ((__lab_end >= 60)); then
        __lab_word="$((__lab_end / 60)) min"
      elif ((__lab_end > 0)); then
        __lab_word="$__lab_end s"
      else
        __lab_word='time over'
      fi
      ;;
    finished) __lab_word='handed in' ;;
    abandoned) __lab_word='given up' ;;
    *) __lab_word='exam' ;;
  esac
  if [[ ! -v PS1 ]]; then PS1='\s-\v\$ '; fi
  if [[ ${PS1@a} != *r* ]]; then
    PS1="[$__lab_word] ${PS1#"$__rootless_lab_sign"}"
    __rootless_lab_sign="[$__lab_word] "
  fi
  if [[ ! -v PS0 || ( ${PS0@a} != *r* && $PS0 != *"$__rootless_lab_ps0"* ) ]]; then PS0=$__rootless_lab_ps0${PS0-}; fi
  __rootless_lab_note prompt "$1" "$__lab_told" "$__lab_last"
}

# A note to whoever keeps the record: fields that end with NUL. Opened for reading too, it never waits for a reader.
__rootless_lab_note() {
  if [[ -p $__rootless_lab_dir/notes ]]; then
    {
      \builtin printf '%s\0' rootless-lab-note "$1" "$2" "$__rootless_lab_ran" "$3" "${4:0:4096}" "$PWD"
      HISTTIMEFORMAT='' \builtin history 1 || \builtin :
      \builtin printf '\0'
    } 1<>"$__rootless_lab_dir/notes" || \builtin :
  fi
  __rootless_lab_ran=0
}

# Also once more after the start-up files, which may set all of this for themselves.
__rootless_lab_hang() {
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    # The high index keeps it the last one. A command that takes it away is the last that is not noted: PS0 puts it back.
    if [[ ! -v PROMPT_COMMAND || ${PROMPT_COMMAND@a} != *r* ]]; then PROMPT_COMMAND[7741]=$__rootless_lab_hook; fi
  elif [[ ${PROMPT_COMMAND-} != *__rootless_lab* ]]; then
    PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}$__rootless_lab_hook"
  fi
}

__rootless_lab_ran=0
__rootless_lab_one=1
__rootless_lab_sign=
__rootless_lab_hook='{ __rootless_lab "$?"; } 9>&2 &>/dev/null <<<"$BASH_COMMAND" || \builtin :'
# Expands to nothing: the pattern matches the one character, whatever else stands in the brackets.
__rootless_lab_ps0='${__rootless_lab_one:__rootless_lab_ran=1,0:0}'
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
  __rootless_lab_ps0+='${__rootless_lab_one/[1"${PROMPT_COMMAND[7741]:=$__rootless_lab_hook}"]/}'
fi
__rootless_lab_hang

if [[ $__rootless_lab_files != none && -r /etc/profile ]]; then
  # shellcheck disable=SC1091
  . /etc/profile
fi
if [[ $__rootless_lab_files == all ]]; then
  # shellcheck disable=SC1090
  if [[ -r ~/.bash_profile ]]; then
    . ~/.bash_profile
  elif [[ -r ~/.bash_login ]]; then
    . ~/.bash_login
  elif [[ -r ~/.profile ]]; then
    . ~/.profile
  fi
fi

\__rootless_lab_hang
\__rootless_lab_note up 0 0 ''
