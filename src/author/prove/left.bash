# What a lesson could leave behind, a line each: accounts, homes, lingering, units, settings, packages. What the lab and the shells keep
# for themselves is left out, and so are the copies that the tools for accounts make of their files.
for map in passwd group; do getent $map | sed "s/^/$map /"; done
ls /var/lib/systemd/linger 2>/dev/null | sed 's/^/lingers /'
systemctl list-unit-files --plain --no-legend | awk '{print "unit file", $1, $2}'
systemctl list-units --plain --no-legend 'user@*' | awk '{print "manager", $1, $3}'
systemctl list-units --failed --plain --no-legend | awk '{print "failed", $1}'
dpkg-query -W -f 'package ${Package} ${Status}\n' 2>/dev/null || rpm -qa 2>/dev/null | sed 's/^/package /'
find /home -mindepth 1 -printf '%p %y %m %u %g %l\n' | sed 's/^/file /' | grep -v -E \
    -e '^file /home/[^/]+/(\.local/state/)?\.?(bash_history|sudo_as_admin_successful|lesshst|viminfo|wget-hsts) ' \
    -e '^file /home/[^/]+/(\.local|\.local/state|\.cache|\.ssh|\.config) d ' \
    -e '^file /home/[^/]+/(\.local/state|\.cache)/rootless-lab[ /]' -e '^file /home/[^/]+/\.ssh/known_hosts'
find /usr/local /opt /srv /root /var/spool/cron /var/mail -mindepth 1 -printf '%p %y %m %u %g %s %l\n' 2>/dev/null |
    sed 's/^/file /' | grep -v -E -e '^file /root/\.(bash_history|local|cache)'
find /etc \( -type f -o -type l \) ! -name '*-' ! -name '.pwd.lock' ! -name ld.so.cache -printf '%p %y %m %u %g %l\n' | sed 's/^/file /'
find /etc -type f ! -name '*-' ! -name '.pwd.lock' ! -name ld.so.cache -exec sha256sum {} + | awk '{print "text", $2, substr($1, 1, 16)}'
