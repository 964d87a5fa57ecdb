#!/bin/sh
# The command line of Quadshift: its own Node, with the compiled code of earlier runs where we may keep it.
[ -w /var/cache/quadshift ] && export NODE_COMPILE_CACHE=/var/cache/quadshift/compile
exec /usr/lib/quadshift/node --disable-warning=ExperimentalWarning /usr/lib/quadshift/quadshift.mjs "$@"
