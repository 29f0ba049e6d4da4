#!/bin/sh
# Brings a fresh practice machine to the state that the eighteen facts describe.
# Logged in as lisa: `sudo setup.sh accounts`; then, logged in as conuser1: `setup.sh service`.
set -eu
case $1 in
accounts)
  useradd conuser1
  echo conuser1:conuser1 | chpasswd
  loginctl enable-linger conuser1
  # Each prompt has its number, so that a clock can tell it from the one before.
  cat >> /home/lisa/.bashrc <<'RC'
if [ -n "${MEASURE-}" ]; then
  PROMPT_COMMAND+=('((++N))') PS1='#$N\$ '
fi
RC
  ;;
service)
  units=$HOME/.config/systemd/user
  mkdir -p "$units"
  podman run -dt --name web1 ubi8
  podman generate systemd --new --name web1 > "$units/container-web1.service"
  podman rm -f -t 0 web1
  systemctl --user daemon-reload
  systemctl --user enable --now container-web1.service
  ;;
esac
