# Everything that looking could change, a line each. What entered the machine to look has no session in it, and is left out.
as() { setpriv --reuid $1 --regid $1 --clear-groups env -i PATH=$PATH XDG_RUNTIME_DIR=/run/user/$1 "${@:2}"; }
ps -e -o sid=,pid=,ppid=,tty=,user:20=,args= | awk '$1 != 0' | sed 's/^/process /'
systemctl list-units --all --full --plain --no-legend | sed 's/^/unit /'
for uid in $(ls /run/user); do
    [ $uid = 0 ] || as $uid systemctl --user list-units --all --full --plain --no-legend | sed "s/^/unit of $uid /"
done
loginctl list-sessions --no-legend | awk '{print "session", $1, $2, $3}'
loginctl list-users --no-legend | awk '{print "user", $1, $2}'
# The manager of whoever has logged out ends some ten seconds later: no comparison begins in them.
for uid in $(loginctl list-users --no-legend | awk '{print $1}'); do
    state=$(loginctl show-user $uid -p State --value 2>/dev/null)
    case $state in opening | closing) echo moving user $uid $state ;; esac
done
find /sys/fs/cgroup -type d -printf 'group %p\n' 2>/dev/null
find /home /run /tmp /var/tmp /var/lib /etc /root -fstype proc -prune -o -printf 'file %p %y %m %U %G %s %T@ %l\n' 2>/dev/null |
    grep -v -e '^file /run/log/journal' -e '^file /run/systemd/journal' -e '^file /home/[^ ]*/\.local/share/systemd/timers'
cat /proc/net/unix | awk '$4 == "00010000" {print "socket", $8}'
ss -Hlntu | sed 's/^/port /'
